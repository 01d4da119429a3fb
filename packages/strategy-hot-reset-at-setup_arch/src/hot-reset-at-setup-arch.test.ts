import { resolveOptions } from '@quiesce/strategy';
import {
  checkContract,
  MiniMachine,
  miniLaboratory,
  onePort,
  switchAndDisplay,
} from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { hotResetAtSetupArch } from './hot-reset-at-setup-arch.ts';

function setupArch(machine: MiniMachine, given: object = {}, commandLine = ['reset_devices']): void {
  const options = resolveOptions(hotResetAtSetupArch, given);
  const strategy = hotResetAtSetupArch.create(options);
  strategy.setupArch?.(machine.contextFor('setupArch', { options, commandLine }));
}

test('keeps the contract', () => {
  const { laws } = checkContract(hotResetAtSetupArch, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('every function below a root port was reset and is as it was', () => {
  const machine = new MiniMachine(onePort);
  const before = machine.function('0000:01:00.1').image();
  setupArch(machine);
  const after = machine.function('0000:01:00.1');
  expect(after.resets).toBe(1);
  expect(after.image().subarray(8, 0x40)).toEqual(before.subarray(8, 0x40));
  expect(after.read(0x68, 2)).toBe(0x2937);
});

test('INTx is on where MSI is off after the reset', () => {
  const machine = new MiniMachine(onePort);
  expect(machine.function('0000:01:00.0').read(4, 2)).toBe(0x0406);
  setupArch(machine);
  const nic = machine.function('0000:01:00.0');
  expect(nic.read(0x52, 2) & 1).toBe(0);
  expect(nic.read(4, 2)).toBe(0x0006);
  // Not reset, so MSI is still on and INTx stays off.
  expect(machine.function('0000:00:1b.0').read(4, 2)).toBe(0x0406);
});

test('a port above a VGA controller is skipped, and switches are reset at their downstream ports', () => {
  const machine = new MiniMachine(switchAndDisplay);
  setupArch(machine);
  const reset = machine.topology.functions.filter((each) => each.resets > 0);
  expect(reset.map((each) => each.description.name)).toEqual(['0000:04:00.0', '0000:05:00.0']);
  expect(machine.log).toContain('pci 0000:00:01.0: not reset, there is a VGA controller below');
});

test('everything is saved before the first reset, and there is one wait', () => {
  const machine = new MiniMachine(switchAndDisplay);
  setupArch(machine);
  expect(machine.nowMs).toBe(2 + 2 + 500);
  expect(machine.memory.extraBytes).toBe(2 * (64 + 8));
});

test('without reset_devices nothing happens', () => {
  const machine = new MiniMachine(onePort);
  setupArch(machine, {}, []);
  expect(machine.function('0000:01:00.0').resets).toBe(0);
  expect(machine.nowMs).toBe(0);
});

test('a wait inside the hold-off loses the devices, and says so', () => {
  const machine = new MiniMachine(onePort);
  setupArch(machine, { waitMs: 99 });
  expect(machine.log).toContain('pci 0000:01:00.0: does not answer after the reset');
});

test('a second root complex is found only when all buses are scanned', () => {
  const secondRoot = {
    name: 'two-roots',
    functions: [
      ...onePort.functions,
      {
        name: '0000:80:02.0',
        vendorId: 0x8086,
        deviceId: 0x3c04,
        classCode: 0x060400,
        pcieType: 4,
        buses: [0x80, 0x81, 0x81] as const,
      },
      { name: '0000:81:00.0', vendorId: 0x8086, deviceId: 0x1521, classCode: 0x020000, pcieType: 0 },
    ],
  };
  for (const scanAllBuses of [true, false]) {
    const machine = new MiniMachine(secondRoot);
    setupArch(machine, { scanAllBuses });
    expect(machine.function('0000:01:00.0').resets).toBe(1);
    expect(machine.function('0000:81:00.0').resets).toBe(scanAllBuses ? 1 : 0);
  }
});

test('config space that lies about its capabilities and bridges does not hold the scan up', () => {
  const machine = new MiniMachine(onePort);
  const options = resolveOptions(hotResetAtSetupArch, { scanAllBuses: false });
  const context = machine.contextFor('setupArch', { options, commandLine: ['reset_devices'] });
  const bridgesToItself = {
    ...context,
    type1: {
      ...context.type1,
      // Every function is a bridge to bus 1 whose only capability points to itself.
      read8: (_bus: number, _device: number, _fn: number, offset: number) =>
        offset === 0x0e ? 0x81 : offset === 0x19 ? 1 : 0x40,
      read16: (_bus: number, _device: number, _fn: number, offset: number) =>
        offset === 0x40 ? 0x4001 : 0x0010,
      read32: () => 0x0604_0000,
    },
  };
  const strategy = hotResetAtSetupArch.create(options);
  expect(() => strategy.setupArch?.(bridgesToItself)).not.toThrow();
});
