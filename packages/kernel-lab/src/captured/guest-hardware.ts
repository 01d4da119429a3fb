import type { Machine } from '@quiesce/machine';
import type { QemuProcess } from '@quiesce/qemu-control';
import { UserError } from '@quiesce/simulation';
import { readAcpiTable } from '../reported/acpi-tables.ts';
import { readBarSizes } from '../reported/bar-sizes.ts';
import { type FunctionConfig, readConfigSpaces } from '../reported/config-spaces.ts';
import { readUnitRegisters, type UnitRegisters } from '../reported/unit-registers.ts';

/** A function, as it answers from outside. */
export interface GuestFunction extends FunctionConfig {
  /** Bytes, by BAR; 0 where there is none. */
  readonly barSizes: readonly number[];
}

/** A guest's hardware, read from outside while its processor is held. */
export interface GuestHardware {
  /** In ascending order. */
  readonly functions: readonly GuestFunction[];
  /** ACPI tables by signature, of those that a capture takes. */
  readonly tables: ReadonlyMap<string, Uint8Array>;
  /** Registers of the VT-d units that the machine is said to have. */
  readonly units: readonly UnitRegisters[];
}

const TABLES = ['DMAR', 'IVRS', 'MCFG', 'APIC'] as const;

/**
 * Holds the guest's processor for good, and reads what is there. The guest is not to run on: how large BARs are is found out
 * by writing to them.
 * @param machine where root complexes and units are looked for
 * @throws UserError `LAB_MACHINE` for a machine without an ECAM window
 */
export async function readHardware(
  { qmp, qtest }: Pick<QemuProcess, 'qmp' | 'qtest'>,
  machine: Machine,
): Promise<GuestHardware> {
  const ecamBase = machine.rootComplexes[0]?.ecamBase;
  if (ecamBase === undefined) throw new UserError('LAB_MACHINE', `${machine.name} has no ECAM window`);
  await qmp.execute('stop');
  const firstBuses = machine.rootComplexes.map(({ firstBus }) => firstBus);
  const functions = await readConfigSpaces(qtest, ecamBase, firstBuses);
  const sizes = await readBarSizes(qtest, ecamBase, functions);
  const tables = new Map<string, Uint8Array>();
  for (const signature of TABLES) {
    const table = await readAcpiTable(qtest, signature);
    if (table !== undefined) tables.set(signature, table);
  }
  const units = [];
  for (const { architecture, registerBase } of machine.units) {
    if (architecture === 'vt-d') units.push(await readUnitRegisters(qtest, registerBase));
  }
  return {
    functions: functions.map((one, index) => ({ ...one, barSizes: sizes[index] ?? [] })),
    tables,
    units,
  };
}
