import type { PlacedConfig } from '../description/captured-topology.ts';
import { ConfigReader } from '../description/config-reader.ts';
import { functionName, requesterIdOf } from '../description/function-name.ts';

/** For each virtual function, by name, the physical one that it belongs to (SR-IOV 3.3.8 to 3.3.10). */
export function physicalFunctionsOf(functions: readonly PlacedConfig[]): Map<string, string> {
  const names = new Map<number, string>();
  for (const one of functions) names.set(one.segment * 0x1_0000 + requesterIdOf(one), functionName(one));
  const result = new Map<string, string>();
  for (const one of functions) {
    const config = new ConfigReader(one.bytes);
    const at = config.extendedCapability(0x10);
    if (at === 0 || (config.u16(at + 0x08) & 1) === 0) continue;
    const stride = config.u16(at + 0x16);
    let requesterId = requesterIdOf(one) + config.u16(at + 0x14);
    for (let left = config.u16(at + 0x10); left > 0 && requesterId < 0x1_0000; left--) {
      const name = names.get(one.segment * 0x1_0000 + requesterId);
      if (name !== undefined && name !== functionName(one)) result.set(name, functionName(one));
      requesterId += stride;
    }
  }
  return result;
}
