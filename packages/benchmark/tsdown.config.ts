import { packageBuild } from '../../tsdown.shared.ts';

export default packageBuild(
  { index: 'src/index.ts', watchdog: 'src/worker/watchdog.ts', worker: 'src/worker/worker.ts' },
  { platform: 'node' },
);
