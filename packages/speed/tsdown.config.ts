import { packageBuild } from '../../tsdown.shared.ts';

export default packageBuild({ main: 'src/main.ts' }, { platform: 'node', dts: false });
