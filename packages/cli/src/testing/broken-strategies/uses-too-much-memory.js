export default {
  name: 'uses-too-much-memory',
  description: 'A strategy that is broken: uses-too-much-memory.',
  sources: ['a test'],
  create() {
    return {
      name: 'uses-too-much-memory',
      description: 'uses-too-much-memory',
      sources: ['a test'],
      setupArch() {
        const all = [];
        for (;;) all.push(new Array(10_000_000).fill(all.length + 0.5));
      },
    };
  },
};
