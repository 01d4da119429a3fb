export default {
  name: 'prints',
  description: 'A strategy that is broken: prints.',
  sources: ['a test'],
  create() {
    return {
      name: 'prints',
      description: 'prints',
      sources: ['a test'],
      setupArch() {
        console.log('printed by a plugin');
      },
    };
  },
};
