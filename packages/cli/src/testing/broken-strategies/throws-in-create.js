export default {
  name: 'throws-in-create',
  description: 'A strategy that is broken: throws-in-create.',
  sources: ['a test'],
  create() {
    throw new Error('broken in create');
  },
};
