import type { InterruptProfile } from './interrupt-profile.ts';
import type { Processor } from './processor.ts';

/** Rounds in which a kernel acknowledges what it finds in service. */
const CLEARING_ROUNDS = 512;
const SPURIOUS_VECTOR = 0xff;
/** Of the virtual wire mode that `disconnect_bsp_APIC` goes back to. */
const VIRTUAL_WIRE_SPURIOUS_VECTOR = 0x0f;

/** A kernel that was started by firmware: nothing is pending. */
export function startLocalApic({ apic }: Processor, profile: InterruptProfile): void {
  apic.taskPriority = profile.taskPriority;
  apic.spuriousVector = SPURIOUS_VECTOR;
  apic.enabled = true;
}

/** What the crash path leaves behind. Nothing clears the two registers of requests. */
export function leaveLocalApic({ apic }: Processor, profile: InterruptProfile): void {
  apic.enabled = profile.localApicAtJump === 'virtual-wire';
  apic.spuriousVector = VIRTUAL_WIRE_SPURIOUS_VECTOR;
}

/**
 * `setup_local_APIC`: task priority, stale bits, enable. Interrupts are on meanwhile, but a disabled local APIC lets
 * none through: since the kernel disables it first, requests cannot turn into service in `apic_pending_intr_clear`,
 * and are still there when it is enabled.
 */
export function setUpLocalApic(
  processor: Processor,
  profile: InterruptProfile,
  log: (line: string) => void,
): void {
  const { apic } = processor;
  if (profile.disablesApicForSetup) apic.enabled = false;
  apic.taskPriority = profile.taskPriority;
  if (!clearPending(processor) && profile.disablesApicForSetup) {
    log(`APIC: Stale IRR: ${apic.format('requested')} ISR: ${apic.format('in-service')}`);
  }
  apic.spuriousVector = SPURIOUS_VECTOR;
  apic.enabled = true;
  processor.dispatch();
}

/** `apic_pending_intr_clear`. @returns false if there was something left in the end */
function clearPending(processor: Processor): boolean {
  const { apic } = processor;
  for (let round = 0; round < CLEARING_ROUNDS; round++) {
    const served = apic.inService().length;
    if (served === 0 && apic.requested().length === 0) return true;
    for (let i = 0; i < served; i++) {
      apic.endOfInterrupt();
      processor.dispatch();
    }
  }
  return false;
}
