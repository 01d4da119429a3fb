export default {
  name: 'throws-in-hook',
  description: 'A strategy that is broken: throws-in-hook.',
  sources: ['a test'],
  create() {
    return {
      name: 'throws-in-hook',
      description: 'throws-in-hook',
      sources: ['a test'],
      setupArch() {
        throw new Error('broken in a hook');
      },
    };
  },
};
