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
import { clearMsi } from './clear-msi.ts';
import { clearMsiEarly } from './clear-msi-early.ts';

const MSI_CONTROL = 0x52;

function run(machine: MiniMachine, given: object = {}, commandLine = ['pci=clearmsi']): MiniMachine {
  const options = resolveOptions(clearMsiEarly, given);
  const strategy = clearMsiEarly.create(options);
  strategy.crash?.(machine.contextFor('crash', { options, commandLine }));
  strategy.setupArch?.(machine.contextFor('setupArch', { options, commandLine }));
  return machine;
}

const usingMsi = (machine: MiniMachine): string[] =>
  machine.topology.functions
    .filter((each) => each.description.msi !== undefined && (each.read(MSI_CONTROL, 2) & 1) !== 0)
    .map((each) => each.description.name);

test.each(['setup_arch', 'crash'])('keeps the contract in %s', (when) => {
  const plugin = {
    ...clearMsiEarly,
    create: () => clearMsiEarly.create(resolveOptions(clearMsiEarly, { when })),
  };
  const { laws } = checkContract(plugin, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test.each(['setup_arch', 'crash'])(
  'in %s nothing interrupts by message afterwards, and DMA goes on',
  (when) => {
    const machine = new MiniMachine(switchAndDisplay);
    expect(usingMsi(machine)).toEqual(['0000:01:00.0', '0000:04:00.0']);
    const masters = machine.masters();
    run(machine, { when });
    expect(usingMsi(machine)).toEqual([]);
    expect(machine.masters()).toEqual(masters);
    expect(machine.log).toEqual(['Cleared MSI or MSI-X of 2 PCI functions']);
  },
);

test('early quirks do it only with pci=clearmsi, the crash path in any case unless the lock is held', () => {
  expect(usingMsi(run(new MiniMachine(onePort), {}, ['reset_devices']))).toHaveLength(3);
  expect(usingMsi(run(new MiniMachine(onePort), { when: 'crash' }, []))).toHaveLength(0);
  expect(usingMsi(run(new MiniMachine(onePort), { when: 'crash', lockHeld: true }))).toHaveLength(3);
});

test('a second root complex is missed by a scan from 00:00', () => {
  const twoRoots = {
    name: 'two-roots',
    functions: [
      ...onePort.functions,
      {
        name: '0000:80:00.0',
        vendorId: 0x8086,
        deviceId: 0x1521,
        classCode: 0x020000,
        pcieType: 9,
        msi: true,
      },
    ],
  };
  expect(usingMsi(run(new MiniMachine(twoRoots), { scan: 'from-bus-0' }))).toEqual(['0000:80:00.0']);
  expect(usingMsi(run(new MiniMachine(twoRoots), { scan: 'all-buses' }))).toEqual([]);
});

test('of two capabilities each loses its enable bit and no other', () => {
  const word = fc.integer({ min: 0, max: 0xffff });
  fc.assert(
    fc.property(word, word, (msi, msix) => {
      const registers = new Map([
        [0x52, msi],
        [0xb2, msix],
      ]);
      const changed = clearMsi({
        findCapability: (id) => (id === 0x05 ? 0x50 : 0xb0),
        readConfig16: (offset) => registers.get(offset) ?? 0,
        writeConfig16: (offset, value) => registers.set(offset, value),
      });
      expect([...registers.values()]).toEqual([msi & 0xfffe, msix & 0x7fff]);
      expect(changed).toBe((msi & 1) !== 0 || (msix & 0x8000) !== 0);
    }),
  );
});

test('config space that lies about its capabilities and bridges does not hold the scan up', () => {
  const machine = new MiniMachine(onePort);
  const options = resolveOptions(clearMsiEarly, { scan: 'from-bus-0' });
  const context = machine.contextFor('setupArch', { options, commandLine: ['pci=clearmsi'] });
  const { phase, commandLine, log, delay, bootmem, firmware } = context;
  const type1 = {
    ...context.type1,
    // Every function is a bridge to bus 1 whose only capability points to itself.
    read8: (_bus: number, _device: number, _fn: number, offset: number) =>
      offset === 0x0e ? 0x81 : offset === 0x19 ? 1 : 0x40,
    read16: (_bus: number, _device: number, _fn: number, offset: number) =>
      offset === 0x40 ? 0x4001 : 0x0010,
  };
  clearMsiEarly
    .create(options)
    .setupArch?.({ phase, options, commandLine, log, delay, bootmem, firmware, type1 });
  expect(machine.log).toEqual(['Cleared MSI or MSI-X of 0 PCI functions']);
});
