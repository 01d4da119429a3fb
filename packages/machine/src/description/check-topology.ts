import { UserError } from '@quiesce/simulation';
import type { PlacedConfig } from './captured-topology.ts';
import { ConfigReader } from './config-reader.ts';
import { functionName } from './function-name.ts';

/**
 * Each function once, each bus behind one bridge, and no bridge below itself.
 * @throws UserError `MACHINE_DUPLICATE`, `MACHINE_BUS`, `MACHINE_BUS_LOOP`
 */
export function checkTopology(functions: readonly PlacedConfig[], file: string): void {
  const names = new Set<string>();
  /** By segment and secondary bus. */
  const bridges = new Map<string, PlacedConfig>();
  for (const one of functions) {
    const name = functionName(one);
    if (names.has(name)) {
      throw new UserError('MACHINE_DUPLICATE', `function ${name} stands here twice`, {
        place: placeOf(one, file),
      });
    }
    names.add(name);
    const secondary = secondaryBus(one);
    if (secondary === 0) continue;
    const key = `${one.segment}:${secondary}`;
    const other = bridges.get(key);
    if (other !== undefined) {
      const message = `bridges ${functionName(other)} and ${name} both lead to bus ${secondary}`;
      throw new UserError('MACHINE_BUS', message, {
        expected: 'one bridge for each bus',
        place: placeOf(one, file),
      });
    }
    bridges.set(key, one);
  }
  for (const bridge of bridges.values()) {
    let above: PlacedConfig | undefined = bridge;
    for (let steps = 0; above !== undefined; steps++) {
      if (steps > 255) {
        const message = `bridge ${functionName(bridge)} stands in a loop of buses`;
        throw new UserError('MACHINE_BUS_LOOP', message, { place: placeOf(bridge, file) });
      }
      above = bridges.get(`${above.segment}:${above.bus}`);
    }
  }
}

/** 0 for what is no bridge, or a bridge that firmware left without numbers. */
function secondaryBus(one: PlacedConfig): number {
  const config = new ConfigReader(one.bytes);
  return config.isBridge ? config.u8(0x19) : 0;
}

function placeOf(one: PlacedConfig, file: string): { file: string; line?: number } {
  return { file: one.file ?? file, ...(one.line === undefined ? {} : { line: one.line }) };
}
