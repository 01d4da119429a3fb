import type { Machine } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import { deviceModels } from './device-models.ts';
import type { PlacedFunction } from './placed-function.ts';

/** A bus to which no bridge leads. */
export interface RootBus {
  readonly bus: number;
  /** The device on bus 0 that stands for its root complex; undefined for bus 0. */
  readonly expander: PlacedFunction | undefined;
}

/**
 * Bus 0, and the first bus of each further root complex with the expander that stands for it, both in ascending order.
 * @throws UserError `QEMU_TOPOLOGY` if there is not one expander for each, or more than q35 can have
 */
export function rootBuses(machine: Machine, functions: readonly PlacedFunction[]): RootBus[] {
  const [first, ...further] = [...machine.rootComplexes].sort((a, b) => a.firstBus - b.firstBus);
  if (first?.firstBus !== 0 || machine.rootComplexes.some((one) => one.segment !== 0)) {
    throw new UserError('QEMU_TOPOLOGY', `machine "${machine.name}" is not what q35 can be`, {
      expected: 'one segment, 0, and a root complex that begins at bus 0',
    });
  }
  const expanders = functions.filter((one) => one.bus === 0 && deviceModels.get(one.id)?.role === 'expander');
  if (expanders.length !== further.length) {
    const what = `${further.length} root complexes besides the first, and ${expanders.length} expanders`;
    throw new UserError('QEMU_TOPOLOGY', `machine "${machine.name}" has ${what}`, {
      expected: 'a pxb-pcie (1b36:000b) on bus 0 for each',
    });
  }
  return [
    { bus: 0, expander: undefined },
    ...further.map(({ firstBus }, index) => ({ bus: firstBus, expander: expanders[index] })),
  ];
}
