import type { MachineUnit } from '@quiesce/machine';
import type { QtestClient } from '@quiesce/qemu-control';

/** What a remapping unit says that it is; source: VT-d 11.4.1 to 11.4.3. */
export type UnitRegisters = Pick<
  MachineUnit,
  'registerBase' | 'version' | 'capability' | 'extendedCapability'
>;

const VERSION = 0x00;
const CAPABILITY = 0x08;
const EXTENDED_CAPABILITY = 0x10;

/** Reads version and capabilities of the VT-d unit at `registerBase`. */
export async function readUnitRegisters(qtest: QtestClient, registerBase: number): Promise<UnitRegisters> {
  const wide = async (offset: number): Promise<string> => {
    const [low, high] = [
      await qtest.read32(registerBase + offset),
      await qtest.read32(registerBase + offset + 4),
    ];
    return digits(high) + digits(low);
  };
  return {
    registerBase,
    version: await qtest.read32(registerBase + VERSION),
    capability: await wide(CAPABILITY),
    extendedCapability: await wide(EXTENDED_CAPABILITY),
  };
}

function digits(value: number): string {
  return value.toString(16).padStart(8, '0');
}
