import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@quiesce/source'] },
  ssr: { resolve: { conditions: ['@quiesce/source'], externalConditions: ['@quiesce/source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
    typecheck: { enabled: false },
    coverage: {
      provider: 'v8',
      include: ['packages/{simulation,pcie-model,vtd-iommu,machine,strategy,boot-sequencer}/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/testing/**'],
    },
  },
});
