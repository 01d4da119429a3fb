import { resolveOptions } from '@quiesce/strategy';
import {
  checkContract,
  MiniMachine,
  miniLaboratory,
  onePort,
  switchAndDisplay,
} from '@quiesce/strategy/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hotResetInFixupFinal } from './hot-reset-in-fixup-final.ts';

function boot(machine: MiniMachine, given: object = {}, commandLine = ['reset_devices']): MiniMachine {
  const options = resolveOptions(hotResetInFixupFinal, given);
  const strategy = hotResetInFixupFinal.create(options);
  strategy.setupArch?.(machine.contextFor('setupArch', { options, commandLine }));
  for (const { run } of strategy.initcalls ?? []) {
    run(machine.contextFor('initcall:fs_sync', { options, commandLine }) as never);
  }
  return machine;
}

const resets = ({ topology }: MiniMachine): string[] =>
  topology.functions.filter((each) => each.resets > 0).map((each) => each.description.name);

test.each([false, true])('keeps the contract, bus master in setup_arch: %s', (clearBusMasterInSetupArch) => {
  const plugin = {
    ...hotResetInFixupFinal,
    create: () =>
      hotResetInFixupFinal.create(resolveOptions(hotResetInFixupFinal, { clearBusMasterInSetupArch })),
  };
  expect(checkContract(plugin, miniLaboratory()).laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('every function below a port was reset and is as it was, MSI excepted', () => {
  const before = new MiniMachine(onePort).function('0000:01:00.1').image();
  const machine = boot(new MiniMachine(onePort));
  const after = machine.function('0000:01:00.1');
  expect(after.resets).toBe(1);
  expect(after.image().subarray(0, 0x40)).toEqual(before.subarray(0, 0x40));
  expect(after.read(0x52, 2) & 1).toBe(0);
});

test('each port is waited for by itself', () => {
  const machine = boot(new MiniMachine(switchAndDisplay));
  expect(resets(machine)).toEqual(['0000:04:00.0', '0000:05:00.0']);
  expect(machine.nowMs).toBe(2 * (2 + 500));
});

test('a VGA controller is skipped unless it is not to be', () => {
  const machine = boot(new MiniMachine(switchAndDisplay));
  expect(machine.log).toContain('pci 0000:00:01.0: not reset, there is a VGA controller below');
  expect(resets(boot(new MiniMachine(switchAndDisplay), { skipDisplay: false }))).toContain('0000:01:00.0');
});

test('with bus mastering off since setup_arch, it is off after the restore as well', () => {
  const machine = boot(new MiniMachine(onePort), { clearBusMasterInSetupArch: true });
  expect(machine.masters()).toEqual([]);
  expect(machine.function('0000:01:00.0').read(4, 2)).toBe(0x0402);
  expect(machine.function('0000:00:01.0').read(4, 2)).toBe(0x0006);
});

test('without reset_devices nothing happens', () => {
  const machine = boot(new MiniMachine(onePort), { clearBusMasterInSetupArch: true }, []);
  expect(resets(machine)).toEqual([]);
  expect(machine.masters()).toHaveLength(4);
});

test('a wait inside the hold-off loses the device, and says so', () => {
  const machine = boot(new MiniMachine(onePort), { waitMs: 99 });
  expect(machine.log).toContain('pci 0000:01:00.0: does not answer after the reset');
});

test('below any ports, endpoints are reset and restored, and nothing else is', () => {
  const below = fc.constantFrom('nic', 'vga', 'bridge', 'nothing');
  fc.assert(
    fc.property(fc.array(below, { minLength: 1, maxLength: 6 }), (ports) => {
      const functions = ports.flatMap((what, index) => {
        const bus = 2 * index + 1;
        const at = (value: number): string => value.toString(16).padStart(2, '0');
        const common = { vendorId: 0x8086, deviceId: 0x3420, classCode: 0x060400 };
        const port = {
          ...common,
          name: `0000:00:${at(index + 1)}.0`,
          pcieType: 4,
          buses: [0, bus, bus + 1] as const,
        };
        const bridge = {
          ...common,
          name: `0000:${at(bus)}:00.0`,
          pcieType: 7,
          buses: [bus, bus + 1, bus + 1] as const,
        };
        const classCode = what === 'vga' ? 0x030000 : 0x020000;
        const endpoint = { ...common, name: `0000:${at(bus)}:00.0`, classCode, pcieType: 0 };
        if (what === 'nothing') return [port];
        return [port, what === 'bridge' ? bridge : endpoint];
      });
      const before = new MiniMachine({ name: 'any', functions });
      const machine = boot(new MiniMachine({ name: 'any', functions }));
      for (const { description, resets: count } of machine.topology.functions) {
        expect(count).toBe(description.pcieType === 0 && description.classCode === 0x020000 ? 1 : 0);
        const header = (one: MiniMachine): Uint8Array =>
          one.function(description.name).image().subarray(0, 0x40);
        expect(header(machine)).toEqual(header(before));
      }
    }),
    { numRuns: 60 },
  );
});
