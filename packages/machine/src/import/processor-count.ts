import { type AcpiDump, acpiTable } from './acpi-dump.ts';
import type { LoggedBoot } from './boot-record.ts';
import type { InferenceList } from './inference-list.ts';

/** Header, address of the local APICs, flags (ACPI 5.2.12). */
const FIRST_ENTRY = 44;
const LOCAL_APIC = { type: 0, bytes: 8, flags: 4 };
const LOCAL_X2APIC = { type: 9, bytes: 16, flags: 8 };
/** What is assumed where no table says: few machines have fewer. */
const USUAL = 4;
const MAX_PROCESSORS = 255;

/**
 * How many processors the machine has: those that a kernel brought up, or else those that the table of interrupt controllers
 * (`APIC`) has enabled, or else those that `/sys` shows `online`.
 */
export function processorsOf(
  acpi: AcpiDump | undefined,
  inferred: InferenceList,
  boot?: LoggedBoot,
  online?: number,
): number {
  if (boot?.processors !== undefined && !boot.crashKernel)
    return Math.min(boot.processors.value, MAX_PROCESSORS);
  const table = acpi === undefined ? undefined : acpiTable(acpi, 'APIC');
  const enabled = table === undefined ? 0 : enabledIn(table.bytes);
  if (enabled > 0) return Math.min(enabled, MAX_PROCESSORS);
  if (online !== undefined) return Math.min(online, MAX_PROCESSORS);
  inferred.add('/processors', USUAL, 'no capture has the ACPI table APIC, which names them, or a boot log');
  return USUAL;
}

function enabledIn(bytes: Uint8Array): number {
  let enabled = 0;
  for (let at = FIRST_ENTRY; at + 2 <= bytes.length; ) {
    const [type, length] = [bytes[at] as number, bytes[at + 1] as number];
    if (length < 2) return enabled;
    for (const one of [LOCAL_APIC, LOCAL_X2APIC]) {
      const complete = type === one.type && length >= one.bytes && at + one.bytes <= bytes.length;
      if (complete && ((bytes[at + one.flags] as number) & 1) === 1) enabled++;
    }
    at += length;
  }
  return enabled;
}
