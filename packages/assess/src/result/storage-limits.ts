import { ConfigReader, hexToBytes, knownAs, type Machine, messagePassingController } from '@quiesce/machine';
import { className } from '../functions/class-name.ts';
import { namedFew } from '../functions/named-few.ts';

const MASS_STORAGE = 0x01;
/** Names in one sentence. */
const MOST_NAMES = 8;

/** Storage controllers that the model does not have, or has in the shape of another one. */
export function storageLimits(machine: Machine): string[] {
  const without: string[] = [];
  const standIns = new Map<string, { readonly assumed: string; readonly names: string[] }>();
  for (const { name, config: hex, endpoint, driver } of machine.functions) {
    const config = new ConfigReader(hexToBytes(hex) ?? new Uint8Array(64));
    if (config.isAbsent || config.headerType !== 0 || config.classCode >>> 16 !== MASS_STORAGE) continue;
    if (endpoint.kind === 'idle') {
      const isBusy = driver.first || (config.u16(0x04) & 4) !== 0;
      // A Volume Management Device is a bridge in all but name.
      if (!isBusy || name === machine.dumpTarget || knownAs('volumeManagement', config) !== undefined)
        continue;
      without.push(`${name} (${className(config.classCode)})`);
      continue;
    }
    const controller = endpoint.kind === 'mpt' ? messagePassingController(config) : undefined;
    if (controller?.assumed === undefined) continue;
    const group = standIns.get(controller.name) ?? { assumed: controller.assumed, names: [] };
    group.names.push(name);
    standIns.set(controller.name, group);
  }
  const limits = [...standIns].map(
    ([family, { assumed, names }]) =>
      `Simulated as a Fusion-MPT controller, since the model has no ${family}: ${namedFew(names, MOST_NAMES)}; ${assumed}.`,
  );
  if (without.length > 0) {
    limits.push(
      `The model has no engine for these storage controllers, and shows no leftover DMA of theirs: ${namedFew(without, MOST_NAMES)}.`,
    );
  }
  return limits;
}
