import {
  AmdEvent,
  type AmdEventEntry,
  AmdStatus,
  amdEventName,
  amdRegister,
  EVENT_BYTES,
  EventFlag,
  readEventEntry,
} from '@quiesce/amd-iommu';
import { requesterName } from '@quiesce/machine';
import { fillMessage, hex } from '../../log/fill-message.ts';
import type { AmdMessages } from '../../profile/amd-remapping-profile.ts';
import type { HandledFault } from '../kernel-remapping.ts';
import type { RemappingHost } from '../remapping-host.ts';
import type { AmdUnitDriver } from './amd-unit-driver.ts';

const RING_BYTES = 512 * EVENT_BYTES;

/** An event as the handler took it from the log. */
export interface TakenEvent {
  readonly event: AmdEventEntry;
  readonly fault: HandledFault;
}

/** `iommu_poll_events`: all between head and tail, read where this kernel believes the log to be. */
export function takeEvents(host: RemappingHost, driver: AmdUnitDriver): TakenEvent[] {
  const { handle } = driver;
  const taken: TakenEvent[] = [];
  const tail = handle.read32(amdRegister.eventTail);
  let head = handle.read32(amdRegister.eventHead);
  while (head !== tail) {
    const at = driver.events + head;
    const event = readEventEntry(host.pages.memory, at);
    // Nothing has been written there: the unit logs elsewhere.
    if (event === undefined) host.log('AMD-Vi: No event written to event log');
    else taken.push({ event, fault: faultOf(driver, event) });
    // The entry is cleared, so that one the unit has not written yet can be told (erratum 732).
    host.pages.memory.write32(at + 4, 0, host.writer);
    head = (head + EVENT_BYTES) % RING_BYTES;
    if (event === undefined) {
      head = tail;
    }
    handle.write32(amdRegister.eventHead, head);
  }
  const status = handle.read32(amdRegister.status);
  if ((status & AmdStatus.eventOverflow) !== 0) driver.restartLog(AmdStatus.eventOverflow);
  return taken;
}

function faultOf(driver: AmdUnitDriver, event: AmdEventEntry): HandledFault {
  return {
    unit: driver.handle,
    requesterId: event.requesterId,
    address: event.address,
    write: (event.flags & EventFlag.write) !== 0,
    reason: event.code,
    interrupt: (event.flags & EventFlag.interrupt) !== 0,
  };
}

/** An event as kernels print it (`iommu_print_event`); `name` is that of the function, if it is known. */
export function eventLine(messages: AmdMessages, event: AmdEventEntry, name: string | undefined): string {
  const device = requesterName(event.requesterId);
  const flags = hex(event.flags, 4);
  const address = hex(event.address);
  if (event.code === AmdEvent.ioPageFault) {
    const { pageFault, pageFaultOfFunction } = messages;
    const wording = name === undefined ? pageFault : (pageFaultOfFunction ?? pageFault);
    const values = { device, name: name ?? device, domain: hex(event.domainId, 4), address, flags };
    return fillMessage(wording, { ...values, address16: hex(event.address, 16) });
  }
  const kind = amdEventName(event.code) ?? `UNKNOWN type=0x${hex(event.code, 2)}`;
  if (event.code === AmdEvent.illegalCommand || event.code === AmdEvent.commandHardwareError) {
    return `AMD-Vi: Event logged [${kind} address=0x${address}]`;
  }
  return `AMD-Vi: Event logged [${kind} device=${device} pasid=0x${hex(event.domainId, 5)} address=0x${address} flags=0x${flags}]`;
}
