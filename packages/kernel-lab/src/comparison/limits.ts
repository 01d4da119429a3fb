import type { Machine, MachineFunction } from '@quiesce/machine';
import type { RunAccount } from '../account/account.ts';
import type { LabVariant } from '../lab/lab-variant.ts';
import { noPasidCache } from './cache-limits.ts';
import type { ComparedCell } from './compared-cell.ts';
import { forgottenExpanders, lateTimer, longSteps, shortWindows } from './emulation-limits.ts';
import { isLegacyTwin } from './legacy-reasons.ts';
import { descriptorPerFrame, framesOfAStoppedGuest, heldFrames, nullDescriptors } from './network-limits.ts';

/** What a comparison was made of, as far as limits ask for it. */
export interface LimitSetting {
  readonly machine: Machine;
  readonly variant: LabVariant;
  readonly observed: RunAccount;
  /** One a seed. */
  readonly predictions: readonly { readonly account: RunAccount }[];
}

/** Something that QEMU does otherwise than hardware, by which it cannot show what the model, after the specification, says. */
export interface QemuLimit {
  /** Stands in reports: `legacy-reasons-in-scalable-mode`. */
  readonly name: string;
  /** What QEMU does, what hardware does, and the clause that the model follows. */
  readonly reason: string;
  /** Whether this is what stands between prediction and observation in a cell where they differ. */
  explains(cell: ComparedCell, setting: LimitSetting): boolean;
}

/** Every limit. Nothing is explained by anything else. */
export const qemuLimits: readonly QemuLimit[] = [
  {
    name: 'legacy-reasons-in-scalable-mode',
    reason:
      'QEMU 7.2 reports the fault reasons of legacy mode in scalable mode: 1 and 2 where an entry is not present, 5 and 6 where a page is not, 4 beyond the width. The model reports those of VT-d 7.1.3 (0x39, 0x41, 0x79, 0x84 and their neighbours).',
    explains: (cell, { variant }) =>
      cell.kind === 'reasons' &&
      (variant.firstScalable || variant.secondScalable) &&
      cell.observed !== null &&
      isLegacyTwin(cell.predicted, cell.observed),
  },
  {
    name: 'stopping-drains-block-devices',
    reason:
      'QEMU finishes the requests of its block devices whenever it stops the guest, and the lab stops it at every phase: commands that an NVMe drive or a SATA port had under way at the crash are done before anything is taken from them.',
    explains: (cell, { machine }) =>
      cell.kind === 'faults' &&
      cell.observed === 'none' &&
      ['nvme', 'ahci'].includes(functionOf(machine, cell.subject)?.endpoint.kind ?? ''),
  },
  {
    name: 'audio-in-bursts',
    reason:
      "QEMU moves an audio stream's data when its audio timer fires, every 10 ms and later on a busy host (measured: 483 dwords each 10 ms, gaps of 7 to 34), and nothing in between; an HD audio controller fetches evenly, as each stream's small FIFO fills (HD Audio 1.0a, FIFOS). What the model has fault in less than two such periods may fall between two bursts.",
    explains: (cell, { machine }) => {
      const endpoint = functionOf(machine, cell.subject)?.endpoint;
      if (cell.kind !== 'faults' || cell.observed !== 'none' || endpoint?.kind !== 'cyclic-stream')
        return false;
      const { ratePerSecond, bytesPerUnit, burstBytes } = endpoint.workload;
      const requestsPerSecond = (ratePerSecond * bytesPerUnit) / burstBytes;
      return (cell.counts?.predicted ?? Number.POSITIVE_INFINITY) < requestsPerSecond * AUDIO_SILENCE_SECONDS;
    },
  },
  nullDescriptors,
  descriptorPerFrame,
  framesOfAStoppedGuest,
  heldFrames,
  forgottenExpanders,
  longSteps,
  shortWindows,
  lateTimer,
  noPasidCache,
];

/** Two periods of QEMU's audio timer (`-audiodev timer-period`, 10,000 µs). */
const AUDIO_SILENCE_SECONDS = 0.02;

function functionOf(machine: Machine, name: string): MachineFunction | undefined {
  return machine.functions.find((one) => one.name === name);
}
