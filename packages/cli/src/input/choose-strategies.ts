import path from 'node:path';
import { findPlugin, loadPlugin, openPlugin, type PluginReference } from '@quiesce/benchmark';
import { UserError } from '@quiesce/simulation';
import { resolveOptions } from '@quiesce/strategy';
import { ownFolder, ownStrategies } from './own-strategies.ts';

type Settings = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * Strategies as named by the user, with options of the form `NAME.KEY=VALUE`. Other people's modules are loaded in a
 * thread of their own.
 * @throws UserError `STRATEGY_UNKNOWN`, `PLUGIN_SHAPE`, `STRATEGY_OPTIONS`, `USAGE`
 */
export async function chooseStrategies(
  names: readonly string[],
  settings: readonly string[],
  cwd: string,
  timeLimitSeconds: number,
): Promise<PluginReference[]> {
  const options = parseSettings(settings);
  const modules = names.map((name) => findPlugin(name, [cwd, ownFolder], ownStrategies));
  const opened = await Promise.all(
    modules.map((module, index) => openStrategy(names[index] as string, module, timeLimitSeconds)),
  );
  checkSettings(options, names, opened);
  const chosen: PluginReference[] = [];
  for (const [index, reference] of opened.entries()) {
    const label = names[index] as string;
    const isTaken = opened.some((other, at) => at !== index && other.name === reference.name);
    const name = isTaken ? label : reference.name;
    chosen.push({ ...reference, name, options: { ...options.get(reference.name), ...options.get(label) } });
  }
  // Refuse now what would be refused in every run.
  for (const reference of chosen) {
    if (isOwn(reference.name)) resolveOptions(await loadPlugin(reference.module), { ...reference.options });
  }
  return chosen;
}

async function openStrategy(
  label: string,
  module: string,
  timeLimitSeconds: number,
): Promise<PluginReference> {
  if (!isOwn(label)) return openPlugin(module, path.basename(label), timeLimitSeconds);
  return { name: (await loadPlugin(module)).name, module, options: {}, trusted: true };
}

function isOwn(name: string): boolean {
  return ownStrategies.includes(name);
}

function checkSettings(
  settings: Settings,
  names: readonly string[],
  opened: readonly PluginReference[],
): void {
  for (const named of settings.keys()) {
    if (names.includes(named) || opened.some((one) => one.name === named)) continue;
    throw new UserError('USAGE', `--option names the strategy "${named}", which is not compared`, {
      expected: names.join(', '),
    });
  }
}

function parseSettings(settings: readonly string[]): Settings {
  const result = new Map<string, Record<string, unknown>>();
  for (const setting of settings) {
    const match = /^([^=]+)\.([^.=]+)=(.*)$/s.exec(setting);
    if (match === null) {
      throw new UserError('USAGE', `--option ${setting} is not understood`, {
        expected: 'STRATEGY.KEY=VALUE',
      });
    }
    const [, strategy, key, value] = match as unknown as [string, string, string, string];
    const own = result.get(strategy) ?? (Object.create(null) as Record<string, unknown>);
    own[key] = literal(value);
    result.set(strategy, own);
  }
  return result;
}

function literal(value: string): unknown {
  if (value === 'true') return true;
  if (value === 'false') return false;
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
