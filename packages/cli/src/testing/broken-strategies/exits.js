export default {
  name: 'exits',
  description: 'A strategy that is broken: exits.',
  sources: ['a test'],
  create() {
    return {
      name: 'exits',
      description: 'exits',
      sources: ['a test'],
      setupArch() {
        process.exit(0);
      },
    };
  },
};
