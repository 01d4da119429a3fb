import type { InterruptOutcome } from '@quiesce/simulation';
import { expect, test } from 'vitest';
import { type FabricObserver, SilentObserver } from '../fabric/fabric-observer.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { InterruptPath } from './interrupt-path.ts';

type Path = ConstructorParameters<typeof InterruptPath>;

/** What is told of one message, if the unit in its path answers like this. */
function toldOf(answer: Partial<InterruptOutcome>): string[] {
  const told: string[] = [];
  const observer: FabricObserver = Object.assign(new SilentObserver(), {
    interruptDelivered: () => told.push('delivered'),
    interruptBlocked: () => told.push('blocked'),
    systemError: () => told.push('system error'),
  });
  const unit = { remapInterrupt: (_: unknown, outcome: InterruptOutcome) => Object.assign(outcome, answer) };
  const units = { unit: () => unit } as unknown as Path[0];
  const platform = { remappingFault: 'serr-nmi' } as Path[2];
  const fn = { description: { segment: 0 } } as PcieFunction;
  new InterruptPath(units, observer, platform).deliver(fn, 0x0100, 0xfee0_0010, 0);
  return told;
}

test('a message that is posted into memory without a notification is neither delivered nor refused', () => {
  expect(toldOf({ delivered: false, reason: 0 })).toEqual([]);
});

test('a message that is refused is an error', () => {
  expect(toldOf({ delivered: false, reason: 0x22 })).toEqual(['blocked', 'system error']);
});

test('a message that is remapped arrives', () => {
  expect(toldOf({ delivered: true, vector: 0x31 })).toEqual(['delivered']);
});
