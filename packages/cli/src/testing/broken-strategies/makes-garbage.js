export default {
  name: 'makes-garbage',
  description: 'A strategy that is broken: makes-garbage.',
  sources: ['a test'],
  create() {
    return { setupArch: 'soon', initcalls: 7 };
  },
};
