import type { ConfigReader } from '../description/config-reader.ts';
import { type FunctionPlace, requesterIdOf } from '../description/function-name.ts';
import data from './dma-aliases.json' with { type: 'json' };
import { functionIds } from './function-ids.ts';

interface DeviceRow {
  readonly vendor: string;
  readonly devices: readonly string[];
  readonly subsystems?: readonly string[];
  readonly name: string;
}

/** Another requester ID under which a device is known to send, and the family of devices that it is of. */
export interface DmaAlias {
  readonly requesterId: number;
  readonly family: string;
}

/**
 * Requester IDs of other functions and devices that this device sends under by a defect, as Linux's quirks list them. A
 * kernel without the quirk maps nothing for them, and a copied table has nothing either.
 */
export function dmaAliasesOf(place: FunctionPlace, config: ConfigReader): DmaAlias[] {
  const aliases: DmaAlias[] = [];
  const base = place.bus << 8;
  for (const row of data.otherFunction) {
    if (!isOneOf(config, row) || place.fn === row.function) continue;
    aliases.push({ requesterId: base | (place.device << 3) | row.function, family: row.name });
  }
  for (const row of data.otherDevice) {
    if (!isOneOf(config, row)) continue;
    for (const at of row.places) {
      const [device, fn] = at.split('.');
      const devfn = (Number.parseInt(device ?? '0', 16) << 3) | Number(fn);
      if ((base | devfn) !== requesterIdOf(place))
        aliases.push({ requesterId: base | devfn, family: row.name });
    }
  }
  return aliases;
}

/** Passes requests on as a PCIe-to-PCI bridge does, though it lacks the capability that says so. */
export function isExpressBridgeWithoutCapability(config: ConfigReader): boolean {
  return data.bridgesWithoutExpress.some((row) => isOneOf(config, row));
}

function isOneOf(config: ConfigReader, row: DeviceRow): boolean {
  const { vendor, device, subsystem } = functionIds(config);
  if (vendor !== row.vendor || !row.devices.includes(device)) return false;
  return row.subsystems === undefined || row.subsystems.includes(subsystem);
}
