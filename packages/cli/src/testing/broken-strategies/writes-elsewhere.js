export default {
  name: 'writes-elsewhere',
  description: 'A strategy that is broken: writes-elsewhere.',
  sources: ['a test'],
  create() {
    return {
      name: 'writes-elsewhere',
      description: 'writes-elsewhere',
      sources: ['a test'],
      iommuInit(ctx) {
        ctx.memory.write32(0x1000000, 0);
      },
    };
  },
};
