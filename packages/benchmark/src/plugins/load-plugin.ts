import { UserError } from '@quiesce/simulation';
import type { StrategyPlugin } from '@quiesce/strategy';

// biome-ignore lint/suspicious/noExplicitAny: options of any plugin
export type AnyPlugin = StrategyPlugin<any>;

/**
 * Imports a plugin and checks its shape.
 * @throws UserError `PLUGIN_IMPORT` if the module cannot be loaded, `PLUGIN_SHAPE` if it exports no plugin
 */
export async function loadPlugin(module: string): Promise<AnyPlugin> {
  let exported: { default?: unknown };
  try {
    exported = (await import(module)) as { default?: unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('PLUGIN_IMPORT', `cannot load the strategy: ${reason}`, { place: { file: module } });
  }
  const plugin = exported.default as Partial<AnyPlugin> | undefined;
  if (
    typeof plugin !== 'object' ||
    plugin === null ||
    typeof plugin.name !== 'string' ||
    typeof plugin.create !== 'function'
  ) {
    throw new UserError('PLUGIN_SHAPE', 'the module has no strategy plugin as its default export', {
      expected: 'export default defineStrategy({ name, description, sources, create })',
      place: { file: module },
    });
  }
  return plugin as AnyPlugin;
}
