export default {
  name: 'spoils-globals',
  description: 'A strategy that is broken: spoils-globals.',
  sources: ['a test'],
  create() {
    return {
      name: 'spoils-globals',
      description: 'spoils-globals',
      sources: ['a test'],
      setupArch() {
        Math.max = () => 0;
        Array.prototype.push = () => 0;
        Object.prototype.inert = 1;
      },
    };
  },
};
