import { packageBuild } from '../../tsdown.shared.ts';

export default packageBuild(
  { index: 'src/index.ts', 'replay-worker': 'src/replay/replay-worker.ts' },
  { platform: 'node' },
);
