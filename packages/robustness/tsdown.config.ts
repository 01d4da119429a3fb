import { packageBuild } from '../../tsdown.shared.ts';

export default packageBuild(
  { index: 'src/index.ts', main: 'src/main.ts', 'trial-worker': 'src/runner/trial-worker.ts' },
  { platform: 'node' },
);
