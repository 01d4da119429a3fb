import type { ConfigReader } from '../description/config-reader.ts';
import data from './storage-controllers.json' with { type: 'json' };

const MASS_STORAGE = 0x01;

interface ControllerRow {
  readonly vendor: string;
  readonly devices?: readonly string[];
  /** Where no devices are listed; of a listed one any class of mass storage will do: MegaRAID is found as RAID and as other. */
  readonly classes?: readonly string[];
  readonly name: string;
  /** Of the interface; a row without one stands for another interface, and says in `assumed` what is different. */
  readonly version?: string;
  readonly source: string;
  readonly assumed?: string;
}

const rows: readonly ControllerRow[] = data.messagePassing;

/** A SAS or RAID controller that speaks by messages (Fusion-MPT), or is taken for one. */
export interface MessagePassingController {
  /** The family of devices that it is of. */
  readonly name: string;
  /** Of the message-passing interface: `2.5` also stands for 2.6, and for what is only taken for a controller of this kind. */
  readonly version: '2.0' | '2.5';
  /** What is different in hardware, where the engine stands in for another interface. */
  readonly assumed?: string;
}

/**
 * The row of `storage-controllers.json` for a function; undefined for one that is no mass storage, and of a controller of
 * another vendor, of which nothing is known.
 */
export function messagePassingController(config: ConfigReader): MessagePassingController | undefined {
  return messagePassingFamily({
    vendor: config.u16(0),
    device: config.u16(2),
    classCode: config.classCode,
  });
}

/** Like {@link messagePassingController}, for a function of which only the IDs and the class code (24 bits) are known. */
export function messagePassingFamily(ids: {
  readonly vendor: number;
  readonly device: number;
  readonly classCode: number;
}): MessagePassingController | undefined {
  const { vendor, device, classCode } = ids;
  if (classCode >>> 16 !== MASS_STORAGE) return undefined;
  const [vendorId, deviceId, subClass] = [vendor, device, classCode >>> 8].map(hex4) as [
    string,
    string,
    string,
  ];
  const row = rows.find(
    (one) =>
      one.vendor === vendorId &&
      (one.devices?.includes(deviceId) === true || one.classes?.includes(subClass) === true),
  );
  if (row === undefined) return undefined;
  const version = row.version === '2.0' ? '2.0' : '2.5';
  return { name: row.name, version, ...(row.assumed === undefined ? {} : { assumed: row.assumed }) };
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}
