import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haveShared, sharedFolder } from '../testing/captures.ts';
import { bootOfMachine, parseBootLog } from './boot-log.ts';
import type { LoggedBoot } from './boot-record.ts';

const file = 'dmesg.txt';
const bootOf = (text: string): LoggedBoot => bootOfMachine(parseBootLog(text, { file })) as LoggedBoot;

/** A server's boot with Linux 6. */
const server = `[    0.000000] Linux version 6.1.0-55-amd64 (build@example.invalid) (gcc-12) #1 SMP Debian
[    0.000000] Command line: BOOT_IMAGE=/vmlinuz root=/dev/sda1 crashkernel=256M intel_iommu=on
[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable
[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x0000000077ffffff] usable
[    0.000000] BIOS-e820: [mem 0x0000000078000000-0x000000007fffffff] reserved
[    0.004555] ACPI: DMAR 0x000000007F81F000 000098 (v01 QUIET  LAB      01072009 TEST 01000013)
[    0.005000] Reserving 256MB of memory at 1648MB for crashkernel (System RAM: 1919MB)
[    0.214807] DMAR: Host address width 46
[    0.214808] DMAR: DRHD base: 0x000000fbffd000 flags: 0x0
[    0.214813] DMAR: dmar0: reg_base_addr fbffd000 ver 1:0 cap d2008c10ef0466 ecap f0205b
[    0.214816] DMAR: DRHD base: 0x000000fbffc000 flags: 0x1
[    0.214822] DMAR: dmar1: reg_base_addr fbffc000 ver 5:16 cap 8d2078c106f0466 ecap f020df
[    0.214824] DMAR: RMRR base: 0x000000773ee000 end: 0x000000773fefff
[    0.214826] DMAR: ATSR flags: 0x0
[    0.214827] DMAR: RHSA base: 0x000000fbffc000 proximity domain: 0x1
[    0.214828] DMAR: ANDD device: 2 name: \\_SB.PCI0.I2C1
[    0.214828] DMAR: SATC flags: 0x1
[    0.214829] DMAR-IR: IOAPIC id 1 under DRHD base  0xfbffc000 IOMMU 1
[    0.214832] DMAR-IR: HPET id 0 under DRHD base 0xfbffc000
[    0.214833] DMAR-IR: x2apic is disabled because BIOS sets x2apic opt out bit.
[    0.215420] DMAR-IR: Enabled IRQ remapping in xapic mode
[    0.285871] smp: Brought up 2 nodes, 20 CPUs
[    0.291947] PCI: MMCONFIG for domain 0000 [bus 00-ff] at [mem 0x80000000-0x8fffffff] (base 0x80000000)
[    0.439912] PCI host bridge to bus 0000:00
[    0.445801] pci_bus 0000:00: root bus resource [mem 0x90000000-0xfbffbfff window]
[    0.445802] pci_bus 0000:00: root bus resource [bus 00-fe]
[    0.590182] pci 0000:00:01.0: [8086:6f02] type 01 class 0x060400 PCIe Root Port
[    0.590198] pci 0000:00:01.0: PCI bridge to [bus 01]
[    0.590202] pci 0000:00:01.0:   bridge window [mem 0x92000000-0x920fffff]
[    0.590203] pci 0000:00:01.0:   bridge window [mem 0x380000000000-0x3800000fffff 64bit pref]
[    0.590257] pci 0000:00:01.0: PME# supported from D0 D3hot D3cold
[    0.590682] pci 0000:01:00.0: [8086:10fb] type 00 class 0x020000 PCIe Endpoint
[    0.590712] pci 0000:01:00.0: BAR 0 [mem 0x380000000000-0x38000007ffff 64bit pref]
[    0.590713] pci 0000:01:00.0: BAR 2 [io  0x6020-0x603f]
[    0.590714] pci 0000:01:00.0: VF BAR 0 [mem 0x00000000-0x06ffffff 64bit pref]: contains BAR 0 for 63 VFs
[    0.600000] pci 0000:01:00.0: Adding to iommu group 17
[    1.000000] ixgbe 0000:01:00.0: enabling device (0000 -> 0002)
[    1.100000] nvme nvme0: pci function 0000:02:00.0
`;

describe('parseBootLog', () => {
  it('reads what a kernel says of units and of firmware', () => {
    const boot = bootOf(server);
    expect(boot).toMatchObject({
      kernelRelease: { value: '6.1.0-55-amd64', file, line: 1 },
      commandLine: { value: 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 crashkernel=256M intel_iommu=on', line: 2 },
      crashKernel: false,
      platform: { value: 'intel-vt-d', line: 8 },
      hostAddressWidth: 46,
      x2apicOptOut: true,
      interruptRemapping: { value: 'xapic', line: 21 },
      processors: { value: 20, line: 22 },
    });
    expect(boot.units).toEqual([
      {
        ...{ registerBase: 0xfbff_d000, line: 9, flags: 0, index: 0, version: 0x10 },
        ...{ capability: '00d2008c10ef0466', extendedCapability: '0000000000f0205b' },
      },
      {
        ...{ registerBase: 0xfbff_c000, line: 11, flags: 1, index: 1, version: 0x50 },
        ...{ capability: '08d2078c106f0466', extendedCapability: '0000000000f020df' },
      },
    ]);
    expect(boot.reservedMemory).toEqual([{ base: 0x773e_e000, limit: 0x773f_efff, line: 13 }]);
    expect(boot.proximity).toEqual([{ registerBase: 0xfbff_c000, domain: 1, line: 15 }]);
    expect(boot.acpiDevices).toEqual([{ number: 2, name: '\\_SB.PCI0.I2C1', line: 16 }]);
    expect([boot.rootPortAts, boot.integratedAts]).toEqual([
      [{ flags: 0, line: 14 }],
      [{ flags: 1, line: 17 }],
    ]);
    expect(boot.interruptSources).toEqual([
      { kind: 'io-apic', id: 1, registerBase: 0xfbff_c000, line: 18 },
      { kind: 'hpet', id: 0, registerBase: 0xfbff_c000, line: 19 },
    ]);
    expect(boot.tables).toEqual([{ signature: 'DMAR', address: 0x7f81_f000, bytes: 0x98, line: 6 }]);
    expect(boot.e820.map(({ base, limit, kind }) => [base, limit, kind])).toEqual([
      [0, 0x9_ffff, 'usable'],
      [0x10_0000, 0x77ff_ffff, 'usable'],
      [0x7800_0000, 0x7fff_ffff, 'reserved'],
    ]);
    expect(boot.crashReservations).toEqual([{ base: 0x6700_0000, limit: 0x76ff_ffff, line: 7 }]);
  });

  it('reads host bridges, functions, their drivers and groups', () => {
    const boot = bootOf(server);
    expect(boot.ecam).toEqual([{ segment: 0, firstBus: 0, lastBus: 0xff, base: 0x8000_0000, line: 23 }]);
    expect(boot.hostBridges).toEqual([
      {
        segment: 0,
        firstBus: 0,
        lastBus: 0xfe,
        line: 24,
        windows: [{ base: 0x9000_0000, limit: 0xfbff_bfff, line: 25 }],
      },
    ]);
    const [port, card] = boot.functions;
    expect(port).toMatchObject({
      ...{ name: '0000:00:01.0', vendorId: 0x8086, deviceId: 0x6f02, headerType: 1, classCode: 0x060400 },
      ...{ expressType: 4, buses: { secondary: 1, subordinate: 1 }, wakesFrom: 'D0 D3hot D3cold', line: 27 },
    });
    expect(port?.windows.map((one) => one.bytes)).toEqual([0x10_0000, 0x10_0000]);
    expect(card).toMatchObject({ expressType: 0, virtualFunctions: 63, command: { value: 2, line: 37 } });
    expect(card?.bars.map((one) => one?.base)).toEqual([0x3800_0000_0000, undefined, 0x6020]);
    expect(boot.drivers.get('0000:01:00.0')).toEqual({ value: 'ixgbe', file, line: 37 });
    expect(boot.drivers.get('0000:02:00.0')).toEqual({ value: 'nvme', file, line: 38 });
    expect(boot.iommuGroups.get('0000:01:00.0')).toEqual({ value: 17, file, line: 36 });
  });

  it.each([
    ['journal', 'May 22 09:35:09 host kernel: '],
    ['mail', '> '],
    ['level and caller', '<6>'],
  ])('does not mind the carrier: %s', (_, prefix) => {
    expect(bootOf(server.replace(/^/gm, prefix))).toEqual(bootOf(server));
  });

  it.each([
    [
      '2.6.28',
      'DMAR:DRHD (flags: 0x00000001)base: 0x00000000fed90000\nIOMMU fed90000: ver 1:0 cap c0000020e60262 ecap f0101a',
    ],
    [
      '3.11',
      'dmar: DRHD base: 0x000000fed90000 flags: 0x1\ndmar: IOMMU 0: reg_base_addr fed90000 ver 1:0 cap c0000020e60262 ecap f0101a',
    ],
    [
      '6.x',
      'DMAR: DRHD base: 0x000000fed90000 flags: 0x1\nDMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap c0000020e60262 ecap f0101a',
    ],
  ])('reads the units of %s', (_, text) => {
    const [unit] = bootOf(text).units;
    expect(unit).toMatchObject({
      ...{ registerBase: 0xfed9_0000, flags: 1, version: 0x10 },
      ...{ capability: '00c0000020e60262', extendedCapability: '0000000000f0101a' },
    });
  });

  it.each([
    [
      '3.16',
      'pci 0000:00:1f.2: [8086:1e03] type 00 class 0x010601\npci 0000:00:1f.2: reg 0x24: [mem 0xf7e36000-0xf7e367ff]',
      0x010601,
    ],
    [
      '2.6.38',
      'pci 0000:00:1f.2: [8086:1e03] type 0 class 0x000106\npci 0000:00:1f.2: reg 24: [mem 0xf7e36000-0xf7e367ff]',
      0x010600,
    ],
    [
      '2.6.32',
      'pci 0000:00:1f.2: found [8086:1e03] class 000106 header type 00\npci 0000:00:1f.2: reg 24 32bit mmio: [0xf7e36000-0xf7e367ff]',
      0x010600,
    ],
  ])('reads the functions of %s', (_, text, classCode) => {
    const [one] = bootOf(text).functions;
    expect(one).toMatchObject({ vendorId: 0x8086, deviceId: 0x1e03, headerType: 0, classCode });
    expect(one?.bars[5]).toMatchObject({ kind: 'memory', base: 0xf7e3_6000, bytes: 0x800 });
  });

  it('reads kinds that old kernels put before the brackets', () => {
    const text = `pci 0000:05:00.0: found [10de:0640] class 000300 header type 00
pci 0000:05:00.0: reg 10 32bit mmio: [0xfd000000-0xfdffffff]
pci 0000:05:00.0: reg 14 64bit mmio pref: [0x380000000000-0x38000fffffff]
pci 0000:05:00.0: reg 24 io port: [0xec80-0xecff]
pci 0000:05:00.0: reg 30 32bit mmio pref: [0x000000-0x01ffff]`;
    const [one] = bootOf(text).functions;
    expect(one?.bars.map((bar) => bar && [bar.kind, bar.is64, bar.prefetchable, bar.bytes])).toEqual([
      ['memory', false, false, 0x100_0000],
      ['memory', true, true, 0x1000_0000],
      undefined,
      undefined,
      undefined,
      ['io', false, false, 0x80],
    ]);
    expect(one?.rom?.bytes).toBe(0x2_0000);
  });

  it.each([
    [' BIOS-e820: 0000000000100000 - 000000003fee0000 (usable)', 0x10_0000, 0x3fed_ffff, 'usable'],
    [
      'BIOS-e820: [mem 0x0000000000100000-0x000000003fedffff]  1022 MB ACPI data',
      0x10_0000,
      0x3fed_ffff,
      'ACPI data',
    ],
  ])('reads the memory map of other eras: %s', (text, base, limit, kind) => {
    expect(bootOf(text).e820).toEqual([{ base, limit, kind, line: 1 }]);
  });

  it.each([
    [
      'PCI: ECAM [mem 0x60000000-0x6fffffff] (base 0x60000000) for domain 0002 [bus 00-3f]',
      2,
      0x6000_0000,
      0x3f,
    ],
    ['PCI: MCFG configuration 0: base e0000000 segment 0 buses 0 - 63', 0, 0xe000_0000, 63],
  ])('reads the ECAM window of other eras: %s', (text, segment, base, lastBus) => {
    expect(bootOf(text).ecam).toEqual([{ segment, firstBus: 0, lastBus, base, line: 1 }]);
  });

  it('takes the last of several placements, also of a driver that makes a BAR larger', () => {
    const text = `pci 0000:05:00.0: [1002:73ff] type 00 class 0x030000
pci 0000:05:00.0: reg 0x10: [mem 0x383fe0000000-0x383fefffffff 64bit pref]
amdgpu 0000:05:00.0: BAR 0: releasing [mem 0x383fe0000000-0x383fefffffff 64bit pref]
amdgpu 0000:05:00.0: BAR 0: assigned [mem 0x380000000000-0x3801ffffffff 64bit pref]`;
    expect(bootOf(text).functions[0]?.bars[0]).toMatchObject({
      base: 0x3800_0000_0000,
      bytes: 0x2_0000_0000,
      line: 4,
    });
  });

  it('knows AMD units, of all eras', () => {
    const old = 'AMD-Vi: Found IOMMU at 0000:00:00.2 cap 0x40\nAMD-Vi: Interrupt remapping enabled';
    expect(bootOf(old)).toMatchObject({
      platform: { value: 'amd-vi' },
      amdUnits: [{ name: '0000:00:00.2', capabilityOffset: 0x40 }],
      interruptRemapping: { value: 'xapic' },
    });
    const recent =
      'pci 0000:40:00.2: AMD-Vi: Found IOMMU cap 0x40\nAMD-Vi: Extended features (0x246577efa2254afa, 0x10): PPR NX GT [5] IA GA PC GA_vAPIC';
    expect(bootOf(recent).amdUnits).toMatchObject([
      { name: '0000:40:00.2', features: '246577efa2254afa', features2: '0000000000000010' },
    ]);
    const none = 'AMD-Vi: AMD IOMMUv2 functionality not available on this system - This is not a bug.';
    expect(bootOf(none).platform).toBeUndefined();
  });

  it('knows machines of other architectures', () => {
    const power = `Using PowerNV machine description
pci 0000:00     : [PE# 1fe] Secondary bus 0x0000000000000000 associated with PE#1fe
pci 0001:01:00.0: [14e4:1657] type 00 class 0x020000`;
    expect(bootOf(power)).toMatchObject({
      platform: { value: 'power' },
      functions: [{ name: '0001:01:00.0' }],
    });
    expect(parseBootLog(power, { file }).notes).toEqual([]);
    const arm = 'arm-smmu-v3 arm-smmu-v3.0.auto: ias 44-bit, oas 44-bit (features 0x00000fef)';
    expect(bootOf(arm).platform?.value).toBe('smmu');
  });

  it('takes the buses of a host bridge from ACPI, and leaves out functions that did not answer', () => {
    const log = parseBootLog(
      `ACPI: PCI Root Bridge [UNC1] (domain 0000 [bus ff])
ACPI: PCI Root Bridge [PCI0] (domain 0000 [bus 00-7e])
PCI host bridge to bus 0000:00
pci 0000:01:10.0: [8086:10ed] type 7f class 0xffffff`,
      { file },
    );
    expect(log.boots[0]?.hostBridges.map((one) => [one.firstBus, one.lastBus])).toEqual([
      [0xff, 0xff],
      [0, 0x7e],
    ]);
    expect(log.boots[0]?.functions).toEqual([]);
    expect(log.notes).toMatchObject([{ line: 4 }]);
  });

  it('tells kernels in one file apart, and takes the one that saw the whole machine', () => {
    const crash = server
      .replace('BOOT_IMAGE', 'elfcorehdr=0x77000000 BOOT_IMAGE')
      .replace('6.1.0-55', '6.1.0-56');
    const log = parseBootLog(crash + server, { file });
    expect(log.boots.map((boot) => [boot.crashKernel, boot.line])).toEqual([
      [true, 1],
      [false, 39],
    ]);
    expect(bootOfMachine(log)?.line).toBe(39);
    const fromLine = parseBootLog(server.split('\n'), { file, firstLine: 100 });
    expect(fromLine.boots[0]?.units[0]?.line).toBe(108);
  });

  it('notes damaged lines with their place, and does not guess', () => {
    const { boots, notes } = parseBootLog(
      `DMAR: RHD base: 0x000000fbffd000 flags: 0x0
DMAR-IR: RHD base  0xf4ffe000
DMAR: DRHD base: 0x000000fbffd100 flags: 0x0
DMAR: RMRR base: 0x00000077400000 end: 0x000000773fefff
BIOS-e820: [mem 0x0000000000100000-0x00000000778
pci 0000:00:1f.2: [8086:1e03] type 00 cla
${'x'.repeat(5000)}
pci 00:1f.2: [8086:1e03] type 00 class 0x010601`,
      { file },
    );
    expect(boots).toMatchObject([{ units: [], reservedMemory: [], e820: [], interruptSources: [] }]);
    expect(boots[0]?.functions).toEqual([]);
    expect(notes.map((one) => one.line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('holds no more than a machine has, and says so', () => {
    const lines = Array.from(
      { length: 5000 },
      (_, i) => `DMAR: RMRR base: 0x${(i * 0x1000).toString(16)} end: 0x${(i * 0x1000 + 0xfff).toString(16)}`,
    );
    const { boots, notes } = parseBootLog(lines.join('\n'), { file });
    expect(boots[0]?.reservedMemory.length).toBe(4096);
    expect(notes.map((one) => one.message)).toEqual(['904 lines more than any machine has were passed over']);
  });

  it('survives whatever is done to a log', () => {
    const edit = fc.tuple(
      fc.nat({ max: server.length }),
      fc.nat({ max: 80 }),
      fc.oneof(fc.string(), fc.constant('\n')),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        let damaged = server;
        for (const [at, cut, foreign] of edits)
          damaged = damaged.slice(0, at) + foreign + damaged.slice(at + cut);
        for (const boot of parseBootLog(damaged, { file }).boots) {
          for (const unit of boot.units) expect(unit.registerBase % 0x1000).toBe(0);
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** Counted with grep. */
const counts: Readonly<Record<string, readonly number[]>> = {
  'acer-g43t-am3': [0, 0, 18, 25, 12, 1, 0, 2],
  'alienware-m11x': [0, 0, 18, 23, 12, 1, 0, 2],
  'asus-z890-sriov': [2, 0, 17, 36, 44, 2, 36, 20],
  'dell-precision-5820-vmd': [0, 0, 18, 129, 39, 5, 0, 24],
  'huananzhi-x99-qd4': [2, 1, 16, 87, 21, 2, 0, 20],
  'msi-ms7721-amd-fm2': [0, 0, 20, 24, 12, 1, 22, 4],
  'supermicro-7048gr': [2, 2, 14, 197, 27, 4, 0, 16],
  'thinkpad-t400': [0, 0, 28, 27, 21, 1, 0, 2],
};

describe.skipIf(!haveShared)('boot logs of real machines (skipped without ../shared)', () => {
  it.each(Object.entries(counts))(
    '%s: every unit, range, function, table, bridge and group',
    (name, expected) => {
      const text = readFileSync(`${sharedFolder}/real-captures/machines/${name}/dmesg.txt`);
      const log = parseBootLog(text, { file });
      const boot = bootOfMachine(log) as LoggedBoot;
      expect([
        boot.units.length,
        boot.reservedMemory.length,
        boot.e820.length,
        boot.functions.length,
        boot.tables.length,
        boot.hostBridges.length,
        boot.iommuGroups.size,
        boot.processors?.value,
      ]).toEqual(expected);
      expect(boot.ecam.length).toBe(1);
      expect(log.notes).toEqual([]);
      expect(boot.units.every((unit) => unit.capability !== undefined)).toBe(true);
    },
  );
});

it('notes a release that is cut off', () => {
  const { boots, notes } = parseBootLog('[    0.000000] Linux version 4.9.0', { file: 'dmesg' });
  expect([boots.length, notes.map((one) => one.line)]).toEqual([0, [1]]);
});
