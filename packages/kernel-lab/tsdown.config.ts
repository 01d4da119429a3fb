import { packageBuild } from '../../tsdown.shared.ts';

export default packageBuild(
  { index: 'src/index.ts', 'serve-plugin': 'src/strategy/plugin-process/serve-plugin.ts' },
  { platform: 'node' },
);
