import { readFileSync } from 'node:fs';
import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import { parseDmar } from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import { assembleMachine } from '../assemble/assemble-machine.ts';
import { hexToBytes } from '../build/config-bytes.ts';
import { ConfigReader } from '../description/config-reader.ts';
import type { Machine } from '../description/machine.ts';
import { parseMachine } from '../description/parse-machine.ts';
import { capturedMachines, haveShared, sharedFolder } from '../testing/captures.ts';
import { bootOfMachine, parseBootLog } from './boot-log.ts';
import { functionsOfBoot } from './boot-log-functions.ts';
import { iomemOfBoot } from './boot-log-iomem.ts';
import type { LoggedBoot } from './boot-record.ts';
import { parseLspci } from './lspci.ts';
import { type ListedFunction, machineOfParts } from './machine-of-parts.ts';

const file = 'dmesg.txt';

const text = `Linux version 6.1.0 (build) #1
BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable
BIOS-e820: [mem 0x0000000000100000-0x0000000077ffffff] usable
BIOS-e820: [mem 0x0000000078000000-0x000000007fffffff] reserved
BIOS-e820: [mem 0x0000000100000000-0x000000017fffffff] usable
crashkernel reserved: 0x0000000067000000 - 0x0000000077000000 (256 MB)
DMAR: Host address width 39
DMAR: DRHD base: 0x000000fed90000 flags: 0x0
DMAR: DRHD base: 0x000000fed91000 flags: 0x1
DMAR: dmar1: reg_base_addr fed91000 ver 1:0 cap d2008c40660462 ecap f050da
DMAR: RMRR base: 0x00000079000000 end: 0x000000790fffff
DMAR-IR: IOAPIC id 2 under DRHD base  0xfed91000 IOMMU 1
DMAR-IR: Enabled IRQ remapping in x2apic mode
smp: Brought up 1 node, 8 CPUs
PCI: ECAM [mem 0xe0000000-0xefffffff] (base 0xe0000000) for domain 0000 [bus 00-ff]
PCI host bridge to bus 0000:00
pci_bus 0000:00: root bus resource [mem 0x80000000-0xdfffffff window]
pci_bus 0000:00: root bus resource [bus 00-3e]
pci 0000:00:1c.0: [8086:a110] type 01 class 0x060400
pci 0000:00:1c.0: PCI bridge to [bus 01]
pci 0000:00:1c.0:   bridge window [io  0x1000-0x1fff]
pci 0000:00:1c.0:   bridge window [mem 0x80000000-0x800fffff]
pci 0000:00:1c.0:   bridge window [mem 0x380000000000-0x3800000fffff 64bit pref]
pci 0000:00:1c.0: PME# supported from D0 D3hot D3cold
pci 0000:00:1c.4: [8086:a114] type 01 class 0x060400 conventional PCI bridge
pci 0000:00:1c.4: PCI bridge to [bus 02]
pci 0000:01:00.0: [8086:10fb] type 00 class 0x020000
pci 0000:01:00.0: reg 0x10: [mem 0x380000000000-0x38000007ffff 64bit pref]
pci 0000:01:00.0: reg 0x18: [io  0x1020-0x103f]
pcieport 0000:00:1c.0: PME: Signaling with IRQ 122
ixgbe 0000:01:00.0: enabling device (0000 -> 0002)
`;

const bootOf = (log: string): LoggedBoot => bootOfMachine(parseBootLog(log, { file })) as LoggedBoot;

function machineOf(boot: LoggedBoot): Machine {
  const parts = { functions: functionsOfBoot(boot), boot, notes: [], from: ['boot log'] };
  return machineOfParts(parts, { name: 'logged', files: { lspci: file, acpi: file } });
}

function assemble(machine: Machine): ReturnType<typeof assembleMachine> {
  return assembleMachine(machine, { calendar: new EventCalendar(), observer: new SilentObserver() });
}

describe('a machine of a boot log alone', () => {
  const boot = bootOf(text);
  const machine = machineOf(boot);
  const inferredAt = (path: string): string[] =>
    machine.inferred.filter((one) => one.path === path).map((one) => one.value);

  it('has config space as far as the lines say it', () => {
    const [port, bridge, card] = functionsOfBoot(boot) as [ListedFunction, ListedFunction, ListedFunction];
    const config = new ConfigReader(port.bytes);
    expect([config.u16(0), config.u16(2), config.classCode, config.headerType]).toEqual([
      0x8086, 0xa110, 0x060400, 1,
    ]);
    expect([config.u8(0x18), config.u8(0x19), config.u8(0x1a)]).toEqual([0, 1, 1]);
    expect([config.u16(0x1c), config.u32(0x20), config.u32(0x24)]).toEqual([
      0x1010, 0x8000_8000, 0x0001_0001,
    ]);
    expect([config.u32(0x28), config.u32(0x2c)]).toEqual([0x3800, 0x3800]);
    // Driven by pcieport on a root bus; what is below its link is of PCI Express, too.
    expect(config.expressType).toBe(4);
    expect(config.u16(config.capability(1) + 2) >>> 11).toBe(0x19);
    const below = new ConfigReader(card.bytes);
    expect(below.expressType).toBe(0);
    expect([below.u32(0x10), below.u32(0x14), below.u32(0x18), below.u16(4)]).toEqual([
      0xc, 0x3800, 0x1021, 2,
    ]);
    expect(card.regionSizes).toEqual([0x8_0000, undefined, 0x20, undefined, undefined, undefined]);
    expect([card.kernelDriver, card.driverKnown]).toEqual(['ixgbe', true]);
    // Windows that are not printed are closed; a bridge that says to be conventional has no such capability.
    const closed = new ConfigReader(bridge.bytes);
    expect([closed.u16(0x1c), closed.u32(0x20), closed.u32(0x24), closed.expressType]).toEqual([
      0xf0,
      0xfff0,
      0xfff0,
      undefined,
    ]);
  });

  it('marks what the lines do not say', () => {
    const [port] = functionsOfBoot(boot) as [ListedFunction];
    const range = port.decoded?.find((one) => one.start === 0);
    expect(range).toMatchObject({ end: 4, from: 'text', line: 19 });
    expect(port.decoded?.find((one) => one.start === 0x34)).toMatchObject({ from: 'assumed' });
    expect(port.missing).toContainEqual({ start: 7, end: 9 });
  });

  it('has the memory map, the ECAM window, the buses and the processors of the log', () => {
    const owners = machine.memoryMap.map(({ start, owner }) => [start, owner]);
    expect(owners).toContainEqual([0x6700_0000, 'crash-kernel']);
    expect(owners).toContainEqual([0x7800_0000, 'firmware']);
    expect(owners).toContainEqual([0x1_0000_0000, 'first-kernel']);
    expect(owners).toContainEqual([0x8000_0000, 'mmio']);
    expect(machine.rootComplexes).toEqual([
      { segment: 0, firstBus: 0, lastBus: 0x3e, ecamBase: 0xe000_0000 },
    ]);
    expect(machine.processors).toBe(8);
    expect(inferredAt('/memoryMap')).toEqual(['kernel at 0x1000000']);
  });

  it('has the units with their own registers, and says what is not known of them', () => {
    expect(machine.units[1]).toMatchObject({
      capability: '00d2008c40660462',
      extendedCapability: '0000000000f050da',
    });
    expect(inferredAt('/units/0/capability')).toEqual(['08d2078c106f0466']);
    expect(inferredAt('/units/1/capability')).toEqual([]);
    expect(inferredAt('/units/0')).toEqual(['no function']);
    expect(inferredAt('/dmar')).toHaveLength(3);
    const dmar = parseDmar(hexToBytes(machine.dmar as string) as Uint8Array);
    expect(dmar).toMatchObject({ hostAddressWidth: 38, flags: 1, notes: [] });
    expect(dmar.structures).toMatchObject([
      { type: 'DRHD', flags: 0, registerBase: 0xfed9_0000, scopes: [] },
      { type: 'DRHD', flags: 1, registerBase: 0xfed9_1000, scopes: [] },
      { type: 'RMRR', base: 0x7900_0000, limit: 0x790f_ffff, scopes: [] },
    ]);
  });

  it('lives: its unit covers the card', () => {
    expect(parseMachine(JSON.stringify(machine))).toEqual(machine);
    const { remapping } = assemble(machine);
    expect(remapping.unitFor(0, 0x0100)).toBe(remapping.units[1]);
  });

  it('has no map of a crash kernel, which was left a part of memory only', () => {
    const crash = bootOf(`${text}Command line: elfcorehdr=0x77000000 root=/dev/sda1\n`);
    expect(crash.crashKernel).toBe(true);
    expect(iomemOfBoot(crash)).toBeUndefined();
  });
});

describe.skipIf(!haveShared)(
  'boot logs beside dumps of the same machines (skipped without ../shared)',
  () => {
    const machines = capturedMachines().filter(({ name }) => name !== 'ground-truth');
    const logged = machines.flatMap((one) => {
      try {
        const log = readFileSync(`${sharedFolder}/real-captures/machines/${one.name}/dmesg.txt`, 'utf8');
        return [{ ...one, boot: bootOf(log) }];
      } catch {
        return [];
      }
    });

    it('are there', () => {
      expect(logged.length).toBe(7);
    });

    it.each(logged)('$name: IDs, class and BARs of the log are those of the dump', ({ boot, capture }) => {
      const functions = new Map(functionsOfBoot(boot).map((one) => [one.name, one]));
      let compared = 0;
      for (const dumped of parseLspci(capture.lspci, { file }).functions) {
        const one = functions.get(dumped.name);
        expect(one, dumped.name).toBeDefined();
        const [mine, theirs] = [
          new ConfigReader((one as ListedFunction).bytes),
          new ConfigReader(dumped.bytes),
        ];
        if (theirs.isAbsent) continue;
        expect([mine.u32(0), mine.classCode, mine.headerType]).toEqual([
          theirs.u32(0),
          theirs.classCode,
          theirs.headerType,
        ]);
        // A device that sleeps reads no address.
        const logged = boot.functions.find(({ name }) => name === dumped.name)?.bars[0]?.base;
        if (logged !== undefined && theirs.u32(0x10) >= 0x10) {
          expect(mine.u32(0x10), dumped.name).toBe(theirs.u32(0x10));
        }
        if (theirs.isBridge)
          expect([mine.u8(0x19), mine.u8(0x1a)]).toEqual([theirs.u8(0x19), theirs.u8(0x1a)]);
        if (mine.expressType !== undefined && mine.expressType > 1)
          expect(mine.expressType).toBe(theirs.expressType);
        compared++;
      }
      expect(compared).toBeGreaterThan(20);
      assemble(machineOf(boot));
    });
  },
);
