const about = { name: 'broken', description: 'Throws.', sources: ['a test'] };
export default {
  ...about,
  create: () => ({
    ...about,
    setupArch() {
      throw new Error('broken in a hook');
    },
  }),
};
