import { resolveOptions } from '@quiesce/strategy';
import { MiniMachine } from '@quiesce/strategy/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hotResetAtSetupArch } from './hot-reset-at-setup-arch.ts';

type Functions = ConstructorParameters<typeof MiniMachine>[0]['functions'][number][];
type Below = 'nic' | 'two functions' | 'vga' | 'vga and sound' | 'conventional bridge' | 'nothing' | Below[];

const below: fc.Arbitrary<Below> = fc.letrec<{ one: Below }>((tie) => ({
  one: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Below>('nic', 'two functions', 'vga', 'vga and sound', 'conventional bridge', 'nothing'),
    fc.array(tie('one'), { minLength: 1, maxLength: 3 }),
  ),
})).one;

/** Builds what is below a port on `bus` and returns the highest bus used. */
function build(functions: Functions, what: Below, bus: number): number {
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  const port = (device: number, on: number, pcieType: number, secondary: number, subordinate: number) => ({
    name: `0000:${hex(on)}:${hex(device)}.0`,
    vendorId: 0x8086,
    deviceId: 0x3420,
    classCode: 0x060400,
    pcieType,
    buses: [on, secondary, subordinate] as const,
  });
  const endpoint = (fn: number, classCode: number, conventional = false) => ({
    name: `0000:${hex(bus)}:00.${fn}`,
    vendorId: 0x1234,
    deviceId: 0x5678,
    classCode,
    ...(conventional ? {} : { pcieType: 0, msi: fn === 0 }),
  });
  if (what === 'nothing') return bus;
  if (what === 'nic' || what === 'two functions') {
    functions.push(endpoint(0, 0x020000));
    if (what === 'two functions') functions.push(endpoint(1, 0x010802));
    return bus;
  }
  if (what === 'vga' || what === 'vga and sound') {
    functions.push(endpoint(0, 0x030000));
    if (what === 'vga and sound') functions.push(endpoint(1, 0x040300));
    return bus;
  }
  if (what === 'conventional bridge') {
    functions.push(port(0, bus, 7, bus + 1, bus + 1));
    functions.push({ ...endpoint(0, 0x020000, true), name: `0000:${hex(bus + 1)}:04.0` });
    return bus + 1;
  }
  // A switch: upstream port here, downstream ports on the next bus.
  const upstream = functions.push(port(0, bus, 5, bus + 1, 0)) - 1;
  let last = bus + 1;
  for (const [device, each] of what.entries()) {
    const at = functions.push(port(device, bus + 1, 6, last + 1, 0)) - 1;
    const secondary = last + 1;
    last = build(functions, each, secondary);
    functions[at] = port(device, bus + 1, 6, secondary, last);
  }
  functions[upstream] = port(0, bus, 5, bus + 1, last);
  return last;
}

function machineOf(ports: readonly Below[]): MiniMachine {
  const functions: Functions = [];
  let last = 0;
  for (const [device, what] of ports.entries()) {
    const secondary = last + 1;
    const at = functions.length;
    last = build(functions, what, secondary);
    functions.splice(at, 0, {
      name: `0000:00:${(device + 1).toString(16).padStart(2, '0')}.0`,
      vendorId: 0x8086,
      deviceId: 0x3420,
      classCode: 0x060400,
      pcieType: 4,
      buses: [0, secondary, last],
    });
  }
  return new MiniMachine({ name: 'any', functions });
}

test('on any topology, what can be reset is, what must not be is not, and all headers are as they were', () => {
  fc.assert(
    fc.property(
      fc.array(below, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.integer({ min: 2, max: 6 }),
      (ports, scanAllBuses, version) => {
        const machine = machineOf(ports);
        const options = resolveOptions(hotResetAtSetupArch, { version, scanAllBuses });
        const { functions } = machine.topology;
        const before = functions.map((each) => each.image());
        hotResetAtSetupArch.create(options).setupArch?.(machine.contextFor('setupArch', { options }));
        for (const [index, each] of functions.entries()) {
          const siblings = machine.topology.below(machine.topology.above(each) ?? each);
          const { classCode, pcieType } = each.description;
          const display = siblings.some(({ description }) => description.classCode === 0x030000);
          const resettable = !each.isBridge && pcieType === 0 && !display;
          expect([each.description.name, classCode, each.resets]).toEqual([
            each.description.name,
            classCode,
            resettable ? 1 : 0,
          ]);
          const header = (image: Uint8Array | undefined): number[] => {
            const bytes = [...(image?.subarray(0, 0x40) ?? [])];
            bytes[5] = (bytes[5] ?? 0) & ~0x04;
            return bytes;
          };
          expect(header(each.image())).toEqual(header(before[index]));
        }
        expect(machine.violations).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
