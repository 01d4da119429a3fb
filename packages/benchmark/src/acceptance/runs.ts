import { type CrashRequest, crash, type Outcome } from '@quiesce/boot-sequencer';
import { type Machine, preset } from '@quiesce/machine';
import acceptActiveIommuCopy from '@quiesce/strategy-accept-active-iommu-copy';
import hotReset from '@quiesce/strategy-hot-reset-at-setup_arch';
import initcallReset from '@quiesce/strategy-initcall-reset';
import none from '@quiesce/strategy-none';
import xenDisconnect from '@quiesce/strategy-xen-disconnect-on-crash';
import type { AnyPlugin } from '../plugins/load-plugin.ts';

/** The five strategies that every table has. */
export const strategies: Record<
  'none' | 'xenDisconnect' | 'hotReset' | 'initcallReset' | 'acceptActiveIommuCopy',
  AnyPlugin
> = { none, xenDisconnect, hotReset, initcallReset, acceptActiveIommuCopy };

/** One crash, `none` on `machine` unless said otherwise. */
export function run(machine: Machine | string, request: Partial<CrashRequest> = {}): Outcome {
  return crash({
    machine: typeof machine === 'string' ? preset(machine) : machine,
    strategy: none,
    kernel: 'linux-3.10',
    seed: 1,
    ...request,
  }).outcome;
}

/** Requesters with DMA faults, in order. */
export function faulting(outcome: Outcome): string[] {
  return Object.keys(outcome.dmaFaults.byRequester);
}

/** Reasons of all DMA faults, in order. */
export function faultReasons(outcome: Outcome): string[] {
  const reasons = new Set<string>();
  for (const count of Object.values(outcome.dmaFaults.byRequester)) {
    for (const reason of Object.keys(count.reasons)) reasons.add(reason);
  }
  return [...reasons].sort();
}
