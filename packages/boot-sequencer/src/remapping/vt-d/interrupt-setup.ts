import {
  InterruptTable,
  interruptTableAddress,
  interruptTableEntries,
  interruptTableRegister,
} from '@quiesce/vtd-iommu';
import type { RemappingHost } from '../remapping-host.ts';
import { Global, VTD } from './register-offsets.ts';
import { INTERRUPT_TABLE_ENTRIES, INTERRUPT_TABLE_PAGES } from './unit-driver.ts';
import type { UnitState } from './unit-state.ts';

/** Interrupt remapping of one unit, in the order of intel_prepare_irq_remapping and intel_enable_irq_remapping. */
export function enableInterruptRemapping(host: RemappingHost, unit: UnitState): void {
  const { driver } = unit;
  if (!driver.canRemapInterrupts || host.interruptRemappingIsBroken?.() === true) return;
  const { remapping } = host.profile;
  const preEnabled = driver.interruptRemappingOn;
  const copy = preEnabled && host.isCrashKernel && remapping.copiesInterruptTable;
  if (preEnabled && !copy) {
    host.say(host.profile.messages.interruptsNotKdump, driver.handle);
    driver.disable(Global.interruptRemapping);
  }
  const table = new InterruptTable({
    memory: host.pages.memory,
    writer: host.writer,
    address: host.pages.allocate(INTERRUPT_TABLE_PAGES),
    entries: INTERRUPT_TABLE_ENTRIES,
  });
  unit.interrupts = table;
  if (copy) copyOldEntries(host, unit, table);
  driver.enableQueue();
  const { low, high } = interruptTableRegister(table.address, table.entries, false);
  driver.setInterruptTable(low, high);
  if (!driver.interruptRemappingOn) driver.enable(Global.interruptRemapping);
  unit.interruptsEnabled = true;
}

function copyOldEntries(host: RemappingHost, unit: UnitState, table: InterruptTable): void {
  const { handle } = unit.driver;
  const low = handle.read32(VTD.interruptTable);
  const entries = interruptTableEntries(low);
  if (entries !== table.entries) {
    host.log(`DMAR-IR: Failed to copy IR table for ${handle.name} from previous kernel`);
    return;
  }
  const address = interruptTableAddress(low, handle.read32(VTD.interruptTable + 4));
  table.copyFrom(new InterruptTable({ memory: host.pages.memory, address, entries }));
  host.log(`DMAR-IR: Copied IR table for ${handle.name} from previous kernel`);
}
