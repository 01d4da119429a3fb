import type { PluginReference } from '@quiesce/benchmark';

const source = `
const about = { name: 'kernels-alone', description: 'Leaves leftover DMA to the kernels.', sources: [] };
export default { ...about, create: () => about };
`;

/** A strategy without any hook, as a module that every process can load: what the kernels do by themselves. */
export const kernelsAlone: PluginReference = {
  name: 'kernels-alone',
  module: `data:text/javascript,${encodeURIComponent(source)}`,
  options: {},
};
