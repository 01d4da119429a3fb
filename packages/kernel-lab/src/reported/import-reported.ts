import { importMachine, type Machine } from '@quiesce/machine';
import type { UnitRegisters } from './unit-registers.ts';

/** What a guest says of its own machine. */
export interface GuestReport {
  /** Text of `lspci -xxxx`. */
  readonly lspci: string;
  /** The ACPI DMAR table; undefined on a machine without a unit. */
  readonly dmar?: Uint8Array | undefined;
  /** The ACPI MCFG table, which says where the ECAM window is; /proc/iomem says so, too. */
  readonly mcfg?: Uint8Array | undefined;
  /** Text of /proc/iomem as root; undefined before there is a kernel. */
  readonly iomem?: string | undefined;
  /** What the units' registers say, in the order of the DMAR table; undefined where nobody read them. */
  readonly units?: readonly UnitRegisters[] | undefined;
}

/**
 * The machine that a guest reports. What no report says is inferred, as with any capture; registers of units are those
 * that were read.
 * @throws UserError those of importMachine
 */
export function importReported(report: GuestReport, name = 'reported'): Machine {
  const { lspci, dmar, mcfg, iomem, units } = report;
  const tables = [
    ...(dmar === undefined ? [] : [{ signature: 'DMAR', bytes: dmar }]),
    ...(mcfg === undefined ? [] : [{ signature: 'MCFG', bytes: mcfg }]),
  ];
  const files = {
    lspci: 'lspci of the guest',
    acpi: 'ACPI tables of the guest',
    iomem: 'iomem of the guest',
  };
  const machine = importMachine(
    { lspci, acpi: { tables, notes: [] }, ...(iomem === undefined ? {} : { iomem }) },
    { name, files },
  );
  if (units === undefined) return machine;
  return {
    ...machine,
    units: machine.units.map((unit, index) => ({ ...unit, ...units[index] })),
    inferred: machine.inferred.filter(({ path }) => !path.startsWith('/units/')),
  };
}

/**
 * The same machine with the bytes that the guest reports in place of its own: config spaces, DMAR table, units and, where
 * the guest had a kernel, memory. What nobody can read from a guest (engines, drivers, workload) stays.
 */
export function adoptReported(machine: Machine, reported: Machine): Machine {
  const configs = new Map(reported.functions.map((one) => [one.name, one.config]));
  const hasMemory = !reported.inferred.some(({ path }) => path === '/memoryMap');
  return {
    ...machine,
    functions: machine.functions.map((one) => ({ ...one, config: configs.get(one.name) ?? one.config })),
    ...(reported.dmar === undefined ? {} : { dmar: reported.dmar, units: reported.units }),
    ...(hasMemory ? { memoryMap: reported.memoryMap } : {}),
  };
}
