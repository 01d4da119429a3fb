export default {
  name: 'makes-nothing',
  description: 'A strategy that is broken: makes-nothing.',
  sources: ['a test'],
  create() {},
};
