import { isLegacyTwin } from './legacy-reasons.ts';
import type { QemuLimit } from './limits.ts';

/** Context entry not present. */
const CONTEXT_ABSENT = '2';
/** QEMU's reason for a PASID directory or entry that is not present, in scalable mode. */
const PASID_ENTRY_ABSENT = '0x58';
const EXPANDER_BRIDGE = '361b0b00';

/** Snapshots of a machine with a second host bridge. */
export const forgottenExpanders: QemuLimit = {
  name: 'snapshots-forget-expander-bridges',
  reason:
    "QEMU 7.2 does not save the config space of a pxb-pcie (hw/pci-bridge/pci_expander_bridge.c has no migration state): after a snapshot its Command register is 0. The bridge's own registers move nothing; requests from behind it come through.",
  explains: (cell, { machine }) =>
    cell.kind === 'command' &&
    cell.observed === '0x0000' &&
    cell.phase !== 'crash' &&
    machine.functions.find(({ name }) => name === cell.subject)?.config.startsWith(EXPANDER_BRIDGE) === true,
};

/** Steps of a driver that the model takes at one moment. */
export const longSteps: QemuLimit = {
  name: 'steps-take-long-under-emulation',
  reason:
    'When a driver attaches, Linux clears the copied context entry, flushes, and writes the new one, in scalable mode with its PASID entry: microseconds on a processor, which the model takes as one moment, and up to milliseconds under emulation, in which a stream that runs on is refused for its absent context entry (VT-d 7.1.3, reason 2) before it is for its absent page.',
  explains: (cell, { variant }) => {
    if (cell.kind !== 'reasons' || cell.phase !== 'drivers' || cell.observed === null) return false;
    if (variant.tables !== 'copy') return false;
    const scalable = variant.firstScalable && variant.secondScalable;
    if (!scalable && (variant.firstScalable || variant.secondScalable)) return false;
    const absent = scalable ? [CONTEXT_ABSENT, PASID_ENTRY_ABSENT] : [CONTEXT_ABSENT];
    const seen = cell.observed.split(' ');
    if (!absent.some((reason) => seen.includes(reason))) return false;
    if (scalable) return isLegacyTwin(cell.predicted, cell.observed, absent);
    const allowed = [...absent, ...cell.predicted.flatMap((one) => one.split(' '))];
    return seen.every((reason) => allowed.includes(reason));
  },
};

/** A timer that came too late. */
export const lateTimer: QemuLimit = {
  name: 'timer-late-on-a-busy-host',
  reason:
    "Linux counts timer interrupts over some ten of its ticks while it sets up the I/O APIC (timer_irq_works), and panics if there are too few. An emulated processor is not run all the time on a busy host, and its timer's interrupts come late. What tells it from a stale interrupt is the local APIC at the panic: no vector is in service.",
  explains: (cell, { observed }) =>
    cell.kind === 'stopped' &&
    cell.observed?.includes("timer doesn't work through") === true &&
    observed.inService?.length === 0,
};

/** Between translation on and the end of pci_iommu_init. */
export const shortWindows: QemuLimit = {
  name: 'windows-between-two-bursts',
  reason:
    "From translation on to the return of pci_iommu_init the model takes 75 ms, as it was measured on one host; on others it was 10 to 30 ms, while QEMU moves audio in bursts up to 34 ms apart. A stream may then be refused for the first time just after the function's return.",
  explains: (cell, { machine, observed }) => {
    if (cell.kind !== 'faults' || cell.phase !== 'iommu_init' || cell.observed !== 'none') return false;
    const endpoint = machine.functions.find(({ name }) => name === cell.subject)?.endpoint;
    const seen = observed.devices.find(({ name }) => name === cell.subject);
    return endpoint?.kind === 'cyclic-stream' && (seen?.phases.initcalls?.faults ?? 0) > 0;
  },
};
