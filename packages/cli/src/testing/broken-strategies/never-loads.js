await new Promise(() => {});
export default {
  name: 'never-loads',
  description: 'A strategy that is broken: never-loads.',
  sources: ['a test'],
  create() {
    return {};
  },
};
