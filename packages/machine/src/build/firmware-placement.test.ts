import { describe, expect, it } from 'vitest';
import { parseFunctionName } from '../description/function-name.ts';
import type { Machine } from '../description/machine.ts';
import { ich9, pxbPcie, q35HostBridge } from '../presets/q35-chipset.ts';
import { e1000e, hdAudio } from '../presets/q35-endpoints.ts';
import { q35RootPort, xio3130Downstream, xio3130Upstream } from '../presets/q35-ports.ts';
import { placeAsFirmware } from './firmware-placement.ts';
import type { FunctionPlan } from './function-plan.ts';
import { buildMachine } from './machine-builder.ts';
import type { RootComplexPlan } from './root-complex.ts';

const room = { memory: { start: 0xc000_0000, end: 0xfec0_0000 }, io: { start: 0x1000, end: 0x1_0000 } };

function machineOf(...roots: readonly (readonly FunctionPlan[])[]): Machine {
  const plans = roots.map((functions, index): RootComplexPlan => {
    return { ...room, firstBus: index * 0x80, lastBus: index * 0x80 + 0x7f, functions };
  });
  const rootComplexes = placeAsFirmware(plans);
  return buildMachine({ name: 'placed', description: '', rootComplexes, memoryMap: [] });
}

/** 32-bit registers of a function as hexadecimal digits. */
function registers(machine: Machine, name: string, ...offsets: readonly number[]): string[] {
  const config = machine.functions.find((one) => one.name === `0000:${name}`)?.config ?? '';
  return offsets.map((offset) =>
    (config.slice(2 * offset, 2 * offset + 8).match(/../g) ?? []).reverse().join(''),
  );
}

describe('placeAsFirmware (as SeaBIOS places; the whole of q35-lab is compared with a real guest elsewhere)', () => {
  it('gives the largest its place first, I/O from 0xc000 up, memory below the IO-APIC', () => {
    const machine = machineOf([
      q35HostBridge(),
      hdAudio({ device: 3, revision: 1 }),
      e1000e({ device: 4, serial: 1 }),
    ]);
    // ROM of 256 KiB, two BARs of 128 KiB, then 16 KiB each, in the order of their functions.
    expect(registers(machine, '00:04.0', 0x30, 0x10, 0x14, 0x18, 0x1c)).toEqual([
      'feb40000',
      'feb80000',
      'feba0000',
      '0000c001',
      'febc4000',
    ]);
    expect(registers(machine, '00:03.0', 0x10)).toEqual(['febc0000']);
  });

  it('keeps a hot-plug port open for 2 MiB of both memories, without I/O, and a switch for the sum of its ports', () => {
    const port = (device: number, below: readonly FunctionPlan[]): FunctionPlan =>
      xio3130Downstream({ device, below });
    const machine = machineOf([
      q35HostBridge(),
      q35RootPort({ device: 1, below: [xio3130Upstream({ below: [port(0, []), port(1, [])] })] }),
    ]);
    // Bus numbers; memory window; prefetchable window; closed I/O window.
    expect(registers(machine, '00:01.0', 0x18, 0x20, 0x24)).toEqual(['00040100', 'fe50fe20', 'feb1fe81']);
    expect(registers(machine, '02:01.0', 0x18, 0x20, 0x24)).toEqual(['00040402', 'fe30fe20', 'fe91fe81']);
    expect(registers(machine, '02:00.0', 0x18, 0x20, 0x24)).toEqual(['00030302', 'fe50fe40', 'feb1fea1']);
    expect(registers(machine, '02:00.0', 0x1c)).toEqual(['000000f0']);
  });

  it('lets all root complexes draw on one pool', () => {
    const machine = machineOf(
      [q35HostBridge(), pxbPcie(3), ...ich9()],
      [q35RootPort({ device: 0x14, below: [hdAudio({ revision: 1 })] })],
    );
    expect(registers(machine, '00:1f.2', 0x20, 0x24)).toEqual(['0000c041', 'fe800000']);
    expect(registers(machine, '80:14.0', 0x10, 0x20)).toEqual(['fe801000', 'fe70fe60']);
    expect(registers(machine, '81:00.0', 0x10)).toEqual(['fe600000']);
  });

  it('leaves alone what has an address already', () => {
    const audio = hdAudio({ device: 3, revision: 1 });
    const fixed = { ...audio, bars: [{ kind: 'memory', size: 0x4000, address: 0xd000_0000 }] } as const;
    expect(registers(machineOf([q35HostBridge(), fixed]), '00:03.0', 0x10)).toEqual(['d0000000']);
  });

  it('refuses what does not fit below 4 GiB', () => {
    const huge = (device: number): FunctionPlan => ({
      ...hdAudio({ device, revision: 1 }),
      bars: [{ kind: 'memory', size: 0x4000_0000 }],
    });
    expect(() => machineOf([q35HostBridge(), huge(2)])).toThrow(
      /memory of devices would begin at 0x80000000/,
    );
  });

  it('numbers buses depth first', () => {
    const audio = hdAudio({ revision: 1 });
    const inner = xio3130Upstream({ below: [xio3130Downstream({ device: 0, below: [audio] })] });
    const machine = machineOf([
      q35HostBridge(),
      q35RootPort({
        device: 1,
        below: [xio3130Upstream({ below: [xio3130Downstream({ device: 0, below: [inner] })] })],
      }),
      q35RootPort({ device: 2, below: [audio] }),
    ]);
    const buses = machine.functions.map((one) => parseFunctionName(one.name)?.bus);
    expect(buses).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6]);
  });
});
