import { labPhases } from '../account/account.ts';
import type { QemuLimit } from './limits.ts';

/** A receive ring's worth of refused descriptors, reads and write-backs; a frame of its own has a dozen. */
const RING_FAULTS = 1000;

/** A network card that is through with its ring. */
export const nullDescriptors: QemuLimit = {
  name: 'null-descriptors-use-up-a-ring',
  reason:
    "A refused read gives zeros, and QEMU's e1000e takes a descriptor of zeros for one without a buffer: it writes it back, goes on to the next (hw/net/e1000e_core.c, e1000e_write_packet_to_guest), and is through with its whole ring at the first frame after that. It is silent then, where a controller that reports the unsuccessful completion (PCIe 2.3.2) would try again at the next frame.",
  explains: (cell, { machine, observed }) => {
    const endpoint = machine.functions.find(({ name }) => name === cell.subject)?.endpoint;
    if (cell.kind !== 'faults' || cell.observed !== 'none' || endpoint?.kind !== 'network-ring') return false;
    const phases = observed.devices.find(({ name }) => name === cell.subject)?.phases ?? {};
    const before = labPhases.slice(0, labPhases.indexOf(cell.phase ?? 'crash'));
    return before.reduce((sum, phase) => sum + (phases[phase]?.faults ?? 0), 0) >= RING_FAULTS;
  },
};

const BUS_MASTER = 4;
const NO_ANSWER = 0xffff;

/** A network card that was given a frame while its bus mastering was off. */
export const framesOfAStoppedGuest: QemuLimit = {
  name: 'stopping-delivers-waiting-frames',
  reason:
    'Whenever the guest stops, and the lab stops it at every phase, QEMU hands frames that wait for a network card to it without asking whether it takes any (net/net.c, net_vm_change_state_handler). With bus mastering off the e1000e reads zeros for every descriptor, and its ring is used up at the next stop (measured: 11,028 null descriptors of three cards, none free when a driver set bus mastering again); a controller makes no request without Bus Master Enable (PCIe 7.5.1.1.3), and has its old ring still.',
  explains: (cell, { machine, observed }) => {
    const endpoint = machine.functions.find(({ name }) => name === cell.subject)?.endpoint;
    if (cell.kind !== 'faults' || cell.observed !== 'none' || endpoint?.kind !== 'network-ring') return false;
    const phases = observed.devices.find(({ name }) => name === cell.subject)?.phases ?? {};
    // Its Command register when a phase began is what it had at that stop.
    return labPhases.slice(0, labPhases.indexOf(cell.phase ?? 'crash') + 1).some((phase) => {
      const command = phases[phase]?.command;
      return command !== undefined && command !== NO_ANSWER && (command & BUS_MASTER) === 0;
    });
  },
};

/** Frames that the lab itself keeps back. */
export const heldFrames: QemuLimit = {
  name: 'frames-held-while-tables-change',
  reason:
    'The lab keeps frames back from pci_iommu_init until translation is on again, because of what an e1000e makes of null descriptors; from then to the return of pci_iommu_init a busy host may not get any through. The card faults as soon as they flow, in the phase after.',
  explains: (cell, { machine, observed }) => {
    const endpoint = machine.functions.find(({ name }) => name === cell.subject)?.endpoint;
    if (cell.kind !== 'faults' || cell.observed !== 'none' || cell.phase !== 'iommu_init') return false;
    const phases = observed.devices.find(({ name }) => name === cell.subject)?.phases;
    return endpoint?.kind === 'network-ring' && (phases?.initcalls?.faults ?? 0) > 0;
  },
};

/** Refused for a page that is not there: a write, a read. */
const PAGE_REASONS: readonly string[] = ['5', '6'];

/** A network card that is refused its descriptors before its buffers. */
export const descriptorPerFrame: QemuLimit = {
  name: 'descriptors-are-read-frame-by-frame',
  reason:
    "QEMU's e1000e reads a descriptor when a frame comes and writes it back, so that a ring without a page is refused reads (reason 6) and writes (5) at once; the model's controller, as the 82574 does (3.2.4), has descriptors on chip and is refused the writes of its buffers first.",
  explains: (cell, { machine, observed }) => {
    const endpoint = machine.functions.find(({ name }) => name === cell.subject)?.endpoint;
    if (cell.kind !== 'reasons' || endpoint?.kind !== 'network-ring' || cell.phase === null) return false;
    const seen = observed.devices.find(({ name }) => name === cell.subject)?.phases[cell.phase];
    const reasons = [...cell.predicted, cell.observed ?? ''].flatMap((one) => one.split(' '));
    return (seen?.faults ?? 0) >= RING_FAULTS && reasons.every((one) => PAGE_REASONS.includes(one));
  },
};
