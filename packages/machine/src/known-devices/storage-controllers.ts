import type { ConfigReader } from '../description/config-reader.ts';
import { functionIds } from './function-ids.ts';
import data from './storage-controllers.json' with { type: 'json' };

const MASS_STORAGE = 0x01;

interface ControllerRow {
  readonly vendor: string;
  readonly devices?: readonly string[];
  /** Where no devices are listed; of a listed one any class of mass storage will do: MegaRAID is found as RAID and as other. */
  readonly classes?: readonly string[];
  readonly name: string;
  readonly source: string;
  readonly assumed?: string;
}

/** A SAS or RAID controller that speaks by messages (Fusion-MPT), or is taken for one. */
export interface MessagePassingController {
  /** The family of devices that it is of. */
  readonly name: string;
  /** What is different in hardware, where the engine stands in for another interface. */
  readonly assumed?: string;
}

/**
 * The row of `storage-controllers.json` for a function; undefined of a controller of
 * another vendor nothing is known, and it has no engine.
 */
export function messagePassingController(config: ConfigReader): MessagePassingController | undefined {
  if (config.classCode >>> 16 !== MASS_STORAGE) return undefined;
  const { vendor, device, classCode } = functionIds(config);
  const rows: readonly ControllerRow[] = data.messagePassing;
  const row = rows.find(
    (one) =>
      one.vendor === vendor &&
      (one.devices?.includes(device) === true || one.classes?.includes(classCode) === true),
  );
  if (row === undefined) return undefined;
  return { name: row.name, ...(row.assumed === undefined ? {} : { assumed: row.assumed }) };
}
