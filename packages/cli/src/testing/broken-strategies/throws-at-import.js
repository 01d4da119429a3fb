throw new Error('broken at import');
export default {
  name: 'throws-at-import',
  description: 'A strategy that is broken: throws-at-import.',
  sources: ['a test'],
  create() {
    return {};
  },
};
