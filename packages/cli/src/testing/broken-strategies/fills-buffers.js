export default {
  name: 'fills-buffers',
  description: 'A strategy that is broken: fills-buffers.',
  sources: ['a test'],
  create() {
    return {
      name: 'fills-buffers',
      description: 'fills-buffers',
      sources: ['a test'],
      setupArch() {
        const all = [];
        for (;;) all.push(new Uint8Array(100_000_000).fill(1));
      },
    };
  },
};
