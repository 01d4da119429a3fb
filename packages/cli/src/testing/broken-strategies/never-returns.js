export default {
  name: 'never-returns',
  description: 'A strategy that is broken: never-returns.',
  sources: ['a test'],
  create() {
    return {
      name: 'never-returns',
      description: 'never-returns',
      sources: ['a test'],
      setupArch() {
        for (;;);
      },
    };
  },
};
