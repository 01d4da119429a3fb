export default {
  name: 'is-asynchronous',
  description: 'A strategy that is broken: is-asynchronous.',
  sources: ['a test'],
  create() {
    return {
      name: 'is-asynchronous',
      description: 'is-asynchronous',
      sources: ['a test'],
      async setupArch() {},
    };
  },
};
