import { defineConfig, type UserConfig } from 'tsdown';

/** Every package builds the same way: ESM, declarations from isolated declarations, no bundled dependencies. */
export function packageBuild(
  entry: string[] | Record<string, string>,
  overrides: UserConfig = {},
): UserConfig {
  return defineConfig({
    entry,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    dts: { oxc: true },
    sourcemap: true,
    clean: true,
    fixedExtension: false,
    ...overrides,
  }) as UserConfig;
}
