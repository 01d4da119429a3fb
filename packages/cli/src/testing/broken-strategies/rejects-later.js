export default {
  name: 'rejects-later',
  description: 'A strategy that is broken: rejects-later.',
  sources: ['a test'],
  create() {
    return {
      name: 'rejects-later',
      description: 'rejects-later',
      sources: ['a test'],
      setupArch() {
        Promise.reject(new Error('nobody waits for this'));
      },
    };
  },
};
