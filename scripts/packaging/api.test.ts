import { basename } from 'node:path';
import { describePackagesApiSnapshots } from 'tsnapi/vitest';
import { packages } from '../tidy/repository.ts';

// What each entry exports stands in packages/*/etc; `pnpm api:update` writes it anew, the diff is for review.
describePackagesApiSnapshots({
  packages: packages().map(({ path }) => path),
  filter: (context) => {
    context.outputDir = `../../packages/${basename(context.packageRoot)}/etc`;
  },
});
