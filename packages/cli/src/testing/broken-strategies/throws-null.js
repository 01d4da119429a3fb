export default {
  name: 'throws-null',
  description: 'A strategy that is broken: throws-null.',
  sources: ['a test'],
  create() {
    return {
      name: 'throws-null',
      description: 'throws-null',
      sources: ['a test'],
      setupArch() {
        throw null;
      },
    };
  },
};
