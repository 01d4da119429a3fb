import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PcieFunction } from './pcie-function.ts';
import { BuiltMachine } from './testing/built-machine.ts';

const bridges = ['00:01.0', '00:02.0', '01:00.0', '02:00.0', '02:01.0'];

function make(): BuiltMachine {
  return new BuiltMachine([
    { at: '00:01.0', type: 4, buses: [1, 4] },
    { at: '00:02.0', type: 4, buses: [5, 5] },
    { at: '01:00.0', type: 5, buses: [2, 4] },
    { at: '02:00.0', type: 6, buses: [3, 3] },
    { at: '02:01.0', type: 6, buses: [4, 4] },
    { at: '03:00.0', type: 0 },
    { at: '04:00.0', type: 0 },
    { at: '04:00.1', type: 0 },
    { at: '05:00.0', type: 0 },
    { at: '00:1f.0', type: 9 },
  ]);
}

/** Asks every function whether a request for this place comes to it, from the specification's words. */
function naive(machine: BuiltMachine, bus: number, devfn: number): PcieFunction | undefined {
  const numbers = (fn: PcieFunction): [number, number] => [
    fn.config.file.peek8(0x19),
    fn.config.file.peek8(0x1a),
  ];
  /** The request, as type 1, is on the primary side of `bridge`: does it come to the secondary side, and as what? */
  const claims = (bridge: PcieFunction): boolean => {
    const [secondary, subordinate] = numbers(bridge);
    // PCIe 7.3.3 compares the secondary bus first.
    return bus === secondary || (bus >= secondary && bus <= subordinate);
  };
  const siblings = (fn: PcieFunction): readonly PcieFunction[] =>
    machine.hierarchy.functions.filter((other) => other.parent === fn.parent && other.isBridge);
  const arrives = (bridge: PcieFunction): boolean => {
    if (siblings(bridge).find(claims) !== bridge) return false;
    const above = bridge.parent;
    if (above === undefined) return bus !== 0;
    return bus !== numbers(above)[0] && arrives(above);
  };
  return machine.hierarchy.functions.find((fn) => {
    if (fn.devfn !== devfn) return false;
    if (fn.parent === undefined) return bus === 0;
    return bus === numbers(fn.parent)[0] && arrives(fn.parent);
  });
}

describe('routing of configuration requests', () => {
  it('finds whom a naive search finds, whatever bus numbers the bridges have', () => {
    const bus = fc.nat({ max: 7 });
    const writes = fc.array(fc.tuple(fc.constantFrom(...bridges), bus, bus), { maxLength: 8 });
    fc.assert(
      fc.property(writes, (programmed) => {
        const machine = make();
        for (const [bridge, secondary, subordinate] of programmed) {
          machine.fn(bridge).config.write(0x18, 4, (secondary << 8) | (subordinate << 16));
          for (let at = 0; at < 8; at++) {
            for (const devfn of [0, 1, 8, 16, 0xf8]) {
              const found = machine.hierarchy.visibleAt(0, at, devfn >> 3, devfn & 7);
              expect(found?.name).toBe(naive(machine, at, devfn)?.name);
            }
          }
        }
      }),
    );
  });
});
