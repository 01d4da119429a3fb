import { QUEUE } from './reset-steps.ts';
import type { Step } from './scenario.ts';

/** A register of which the two do not read the same. */
export interface RegisterDifference {
  readonly model: number;
  readonly qemu: number;
  /** The steps that led here. */
  readonly before: readonly Step[];
}

/** A place where QEMU's unit answers other than the model, and why the model stands by its answer. */
export interface RegisterDeviation {
  readonly id: string;
  /** Register offset, bytes. */
  readonly offset: number;
  /** Bits of the dword that may differ. */
  readonly bits: number;
  /** Clause of the specification, or the limit of QEMU. */
  readonly reason: string;
  /** Whether it is this one; without it, always. */
  explains?(difference: RegisterDifference): boolean;
}

/** In place of a register's offset: a dword of memory, the status that wait descriptors write. */
export const MEMORY = -1;

/** Did software put a descriptor into the queue of which this holds? */
function queued(before: readonly Step[], is: (word0: number) => boolean): boolean {
  return before.some(
    (step) =>
      step.do === 'memory' &&
      step.address >= QUEUE &&
      step.address < QUEUE + 0x1000 &&
      is(step.words[0] as number),
  );
}

const reservedInterruptEntry = (word0: number): boolean => (word0 & 0xf) === 4 && (word0 & 0x07ff_f1e0) !== 0;
const emptyWait = (word0: number): boolean => (word0 & 0xf) === 5 && (word0 & 0x30) === 0;

/** What differs once one of the two has stopped its queue: head, status of waits, FSTS.IQE. */
function queueDeviation(id: string, reason: string, is: (word0: number) => boolean): RegisterDeviation[] {
  return [
    { id, reason, offset: MEMORY, bits: 0xffff_ffff, explains: ({ before }) => queued(before, is) },
    { id, reason, offset: 0x80, bits: 0xffff_ffff, explains: ({ before }) => queued(before, is) },
    { id, reason, offset: 0x34, bits: 0x10, explains: ({ before }) => queued(before, is) },
  ];
}

/** Known deviations of QEMU 7.2. Each must still be one: a test fails when it is no longer needed. */
export const registerDeviations: readonly RegisterDeviation[] = [
  {
    id: 'event-data-16-bits',
    offset: 0x3c,
    bits: 0xffff_0000,
    reason:
      'VT-d 10.4.11, FEDATA.EIMD: a unit may take 32 bits of message data or 16; ours takes 32, QEMU 16',
  },
  {
    id: 'no-upper-fault-event-address',
    offset: 0x44,
    bits: 0xffff_ffff,
    reason:
      'VT-d 10.4.13, FEUADDR: software may write it; QEMU keeps it at 0 without extended interrupt mode, and with it',
  },
  {
    id: 'no-upper-invalidation-event-address',
    offset: 0xac,
    bits: 0xffff_ffff,
    reason:
      'VT-d 10.4.28, IEUADDR: software may write it; QEMU keeps it at 0 without extended interrupt mode, and with it',
  },
  {
    id: 'domain-invalidation-of-contexts-is-global',
    offset: 0x2c,
    bits: 0x1800_0000,
    reason:
      'VT-d 10.4.7, CCMD.CAIG: a unit may do more than it was asked to, and says so; ours invalidates the domain alone, QEMU everything',
    explains: ({ model, qemu }) =>
      (model & 0x1800_0000) === 0x1000_0000 && (qemu & 0x1800_0000) === 0x0800_0000,
  },
  {
    id: 'no-compatibility-format-status',
    offset: 0x1c,
    bits: 0x0080_0000,
    reason: 'VT-d 10.4.5, GSTS.CFIS: shows what GCMD.CFI switched; QEMU has no CFI',
    explains: ({ qemu }) => (qemu & 0x0080_0000) === 0,
  },
  {
    id: 'pending-fault-event-outlives-its-record',
    offset: 0x38,
    bits: 0x4000_0000,
    reason:
      'VT-d 10.4.10, FECTL.IP: cleared when software has cleared every cause, PPF with the last F; QEMU clears it at the next write of FSTS',
    explains: ({ model }) => (model & 0x4000_0000) === 0,
  },
  ...queueDeviation(
    'interrupt-entry-descriptors-are-not-checked',
    'VT-d 6.5.2.7: reserved bits of an interrupt entry cache invalidate descriptor must be 0, and stop the queue; QEMU does not look at them',
    reservedInterruptEntry,
  ),
  ...queueDeviation(
    'empty-wait-is-an-error',
    'VT-d 6.5.2.8: a wait descriptor may ask for neither a status write nor an interrupt, e.g. for a fence; QEMU stops the queue',
    emptyWait,
  ),
];
