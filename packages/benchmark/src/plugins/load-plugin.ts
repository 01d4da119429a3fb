import { UserError } from '@quiesce/simulation';
import type { StrategyPlugin } from '@quiesce/strategy';
import { errorText } from '../worker/error-text.ts';
import { checkedPlugin } from './checked-plugin.ts';

/** A strategy plugin, whatever its options are. */
// biome-ignore lint/suspicious/noExplicitAny: options of any plugin
export type AnyPlugin = StrategyPlugin<any>;

/**
 * Imports a plugin and checks its shape. The module runs in this thread: {@link openPlugin} is for those that may not
 * return.
 * @throws UserError `PLUGIN_IMPORT` if the module cannot be loaded, `PLUGIN_SHAPE` if it exports no plugin
 */
export async function loadPlugin(module: string): Promise<AnyPlugin> {
  let exported: { default?: unknown };
  try {
    exported = (await import(module)) as { default?: unknown };
  } catch (error) {
    throw new UserError('PLUGIN_IMPORT', `cannot load the strategy: ${errorText(error)}`, {
      place: { file: module },
    });
  }
  const plugin = exported.default as Partial<AnyPlugin> | undefined;
  if (
    typeof plugin !== 'object' ||
    plugin === null ||
    typeof plugin.name !== 'string' ||
    plugin.name === '' ||
    typeof plugin.create !== 'function'
  ) {
    throw new UserError('PLUGIN_SHAPE', 'the module has no strategy plugin as its default export', {
      expected: 'export default defineStrategy({ name, description, sources, create })',
      place: { file: module },
    });
  }
  return checkedPlugin(plugin as AnyPlugin);
}
