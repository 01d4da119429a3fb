import { UserError } from '@quiesce/simulation';
import { PluginProcess } from '../worker/plugin-process.ts';
import type { PluginReference } from './plugin-reference.ts';

/**
 * Loads a plugin in a process of its own and asks for its name. One that cannot be loaded keeps `label` as its name, and
 * says why in `failure`.
 * @throws UserError `PLUGIN_SHAPE` if the module exports no plugin
 */
export async function openPlugin(
  module: string,
  label: string,
  timeLimitSeconds = 30,
): Promise<PluginReference> {
  const plugin: PluginReference = { name: label, module, options: {} };
  const worker = new PluginProcess();
  try {
    const answer = await worker.run({ kind: 'open', plugin }, timeLimitSeconds * 1000);
    if ('error' in answer) throw new UserError(answer.error.code, answer.error.message);
    return 'failure' in answer
      ? { ...plugin, failure: answer.failure }
      : { ...plugin, name: answer.result.name };
  } finally {
    worker.close();
  }
}
