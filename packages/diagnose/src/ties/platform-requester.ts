import { requesterName } from '@quiesce/machine';
import type { CapturedFunctions } from './captured-functions.ts';
import type { Sender } from './senders.ts';

/** IO-APICs, HPETs and ACPI devices, which send under IDs that firmware's table names and no config space has. */
export function platformRequesters(
  source: CapturedFunctions,
  segment: number,
  requesterId: number,
): Sender[] {
  const senders: Sender[] = [];
  const shown = requesterName(requesterId);
  for (const unit of source.scopes.resolved?.units ?? []) {
    if (unit.segment !== segment) continue;
    const table = `the DMAR table's unit ${unit.index}`;
    for (const one of unit.ioApics) {
      if (one.requesterId !== requesterId) continue;
      const explanation = `${shown} is I/O APIC ${one.enumerationId} of ${table}: interrupts only, no function of config space`;
      senders.push({ how: 'io-apic', functions: [], explanation });
    }
    for (const one of unit.hpets) {
      if (one.requesterId !== requesterId) continue;
      const explanation = `${shown} is timer block (HPET) ${one.enumerationId} of ${table}: interrupts only, no function of config space`;
      senders.push({ how: 'hpet', functions: [], explanation });
    }
    for (const one of unit.acpiDevices) {
      if (one.requesterId !== requesterId) continue;
      const name = one.name === undefined ? `ACPI device ${one.enumerationId}` : `ACPI device ${one.name}`;
      senders.push({
        how: 'platform-device',
        functions: [],
        explanation: `${shown} is ${name} of ${table}, which is not on PCI`,
      });
    }
  }
  for (const unit of source.machine.units) {
    if (unit.segment !== segment) continue;
    for (const one of unit.interruptSources ?? []) {
      if (one.requesterId !== requesterId) continue;
      const what = one.kind === 'io-apic' ? 'I/O APIC' : 'timer block (HPET)';
      const explanation = `${shown} is ${what} ${one.id} behind ${unit.name}: interrupts only`;
      senders.push({ how: one.kind, functions: [], explanation });
    }
  }
  return senders;
}
