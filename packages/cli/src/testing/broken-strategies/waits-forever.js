export default {
  name: 'waits-forever',
  description: 'A strategy that is broken: waits-forever.',
  sources: ['a test'],
  create() {
    return {
      name: 'waits-forever',
      description: 'waits-forever',
      sources: ['a test'],
      setupArch(ctx) {
        for (;;) ctx.delay(1000);
      },
    };
  },
};
