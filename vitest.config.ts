import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';

export default defineConfig({
  resolve: { conditions: ['@quiesce/source'] },
  ssr: { resolve: { conditions: ['@quiesce/source'], externalConditions: ['@quiesce/source'] } },
  test: {
    // Tests of a file share nothing but modules, which keep no state: one process for many files saves a third.
    isolate: false,
    // Vitest would leave one of two processors idle.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // A busy machine is no reason to fail.
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: [
        'packages/{simulation,pcie-model,vtd-iommu,smmu-v3,machine,strategy,boot-sequencer}/src/**/*.ts',
      ],
      exclude: ['**/*.test.ts', '**/*.test-d.ts', '**/testing/**'],
      reporter: ['text-summary', 'json-summary'],
      reportOnFailure: true,
      thresholds: { lines: 92, functions: 92, branches: 84 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          setupFiles: ['./scripts/property-seed.ts'],
          include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'scripts/tidy/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/*/src/**/*.test-d.ts', 'examples/*/src/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
            // Those of sources are the type check's to report.
            ignoreSourceErrors: true,
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'packaging',
          include: ['scripts/packaging/*.test.ts'],
          // Most of them wait for other programs.
          sequence: { concurrent: true },
          maxConcurrency: 3,
          globalSetup: ['scripts/packaging/pack-everything.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
