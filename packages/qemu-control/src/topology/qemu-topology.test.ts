import {
  buildMachine,
  e1000e,
  type FunctionPlan,
  ich9,
  type Machine,
  networkCard,
  pciBridge,
  preset,
  presets,
  pxbPcie,
  q35HostBridge,
  q35RootPort,
} from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { qemuTopology } from './qemu-topology.ts';

const ram = { start: 0, end: 0x4000_0000, owner: 'first-kernel', label: 'System RAM' } as const;

function machineOf(functions: readonly FunctionPlan[], changes: Partial<Machine> = {}): Machine {
  const machine = buildMachine({
    name: 'tried',
    description: '',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0x7f,
        memory: { start: 0xc000_0000, end: 0xfec0_0000 },
        io: { start: 0x1000, end: 0x1_0000 },
        functions,
      },
    ],
    memoryMap: [ram],
  });
  return { ...machine, ...changes };
}

/** The properties of each `-device`, by its ID or, without one, its model. */
function devices(machine: Machine): Record<string, string[]> {
  const { arguments: words } = qemuTopology(machine);
  const found: Record<string, string[]> = {};
  for (const [index, word] of words.entries()) {
    if (word !== '-device') continue;
    const properties = (words[index + 1] as string).split(',');
    const id = properties.find((one) => one.startsWith('id='))?.slice(3);
    found[id ?? (properties[0] as string)] = properties;
  }
  return found;
}

const chipset = [q35HostBridge(), ...ich9()];

describe('qemuTopology', () => {
  it('asks for q35-lab as it was measured', () => {
    const machine = preset('q35-lab');
    expect(devices(machine)).toMatchObject({
      'intel-iommu': ['intel-iommu', 'intremap=on'],
      'dev-00-03-0': ['pcie-root-port', 'id=dev-00-03-0', 'bus=pcie.0', 'addr=3.0', 'chassis=6', 'slot=3'],
      'dev-02-00-0': ['x3130-upstream', 'id=dev-02-00-0', 'bus=dev-00-02-0', 'addr=0.0'],
      'dev-03-01-0': [
        'xio3130-downstream',
        'id=dev-03-01-0',
        'bus=dev-02-00-0',
        'addr=1.0',
        'chassis=4',
        'slot=5',
      ],
      'dev-04-00-0': ['e1000e', 'id=dev-04-00-0', 'bus=dev-03-00-0', 'addr=0.0', 'mac=52:54:00:00:00:02'],
      'dev-05-00-0': [
        'nvme',
        'id=dev-05-00-0',
        'bus=dev-03-01-0',
        'addr=0.0',
        'drive=drive-05-00-0',
        'serial=quiesce-5',
      ],
      'dev-00-1b-0': ['ich9-intel-hda', 'id=dev-00-1b-0', 'bus=pcie.0', 'addr=1b.0'],
    });
    const { arguments: words, ...made } = qemuTopology(machine);
    expect(words.slice(0, 6)).toEqual(['-machine', 'q35,kernel-irqchip=split', '-m', '1024M', '-smp', '1']);
    expect(made.networks.map((one) => one.function)).toEqual([
      '0000:01:00.0',
      '0000:04:00.0',
      '0000:00:04.0',
    ]);
    expect(made.audio).toHaveLength(3);
    expect(made.drives).toHaveLength(1);
    // What the chipset has by itself is not asked for.
    expect(Object.keys(made.devices)).toHaveLength(machine.functions.length - 4);
  });

  it('connects cards and drives to what they are given', () => {
    const { arguments: words } = qemuTopology(preset('q35-lab'), {
      networks: true,
      drive: ({ function: name }) => `file,filename=/images/${name}`,
      audio: 'wav',
      properties: ({ model }) => (model === 'e1000e' ? ['romfile='] : []),
    });
    const text = words.join(' ');
    expect(text).toContain('netdev=net-01-00-0,mac=52:54:00:00:00:01,romfile=');
    expect(text).toContain('-blockdev file,filename=/images/0000:05:00.0,node-name=drive-05-00-0');
    expect(text).toContain('-audiodev wav,id=audio0');
  });

  it('asks for a further root complex where its expander stands, and for scalable mode where the unit has it', () => {
    const found = devices(preset('q35-scalable-lab'));
    expect(found['intel-iommu']).toContain('x-scalable-mode=on');
    expect(found['dev-00-03-0']).toContain('bus_nr=128');
    expect(found['dev-80-14-0']).toContain('bus=dev-00-03-0');
    expect(found['dev-82-1f-6']).toEqual(expect.arrayContaining(['addr=1f.6', 'multifunction=on']));
  });

  it('leaves out what the machine has not', () => {
    const lpc = ich9().filter((one) => one.fn === undefined);
    expect(qemuTopology(machineOf([q35HostBridge(), ...lpc])).arguments[1]).toBe(
      'q35,kernel-irqchip=split,sata=off,smbus=off',
    );
    expect(devices(machineOf(chipset))).toEqual({});
  });

  it('has a bridge show the chassis that the machine says', () => {
    expect(
      devices(machineOf([...chipset, pciBridge({ device: 5, chassis: 9, below: [] })]))['dev-00-05-0'],
    ).toContain('chassis_nr=9');
  });

  it.each<[string, Machine, RegExp]>([
    [
      'a card that QEMU has not',
      machineOf([...chipset, { ...networkCard({ device: 5 }), deviceId: 0x1572 }]),
      /0000:00:05\.0 \(8086:1572\) is nothing that QEMU is asked for here \(expected .*e1000e 8086:10d3/,
    ],
    [
      'another host bridge',
      machineOf([{ ...q35HostBridge(), deviceId: 0x1237 }, ...ich9()]),
      /0000:00:00\.0 \(8086:1237\) stands where q35 has its host bridge/,
    ],
    ['no LPC bridge', machineOf([q35HostBridge()]), /has no LPC bridge \(expected 8086:2918 at 00:1f\.0/],
    [
      'an expander that stands for nothing',
      machineOf([...chipset, pxbPcie(3)]),
      /0 root complexes besides the first, and 1 expanders/,
    ],
    [
      'two segments',
      machineOf(chipset, { rootComplexes: [{ segment: 1, firstBus: 0, lastBus: 255 }] }),
      /one segment, 0/,
    ],
    [
      'two units',
      { ...preset('q35-lab'), units: [...preset('q35-lab').units, ...preset('q35-lab').units] },
      /units that q35 cannot have/,
    ],
    [
      'memory where q35 has its ECAM window',
      machineOf(chipset, { memoryMap: [{ ...ram, end: 0xc000_0000 }] }),
      /System RAM ends at 0xc0000000/,
    ],
    [
      'memory behind 4 GiB without 2 GiB before',
      machineOf(chipset, { memoryMap: [ram, { ...ram, start: 0x1_0000_0000, end: 0x1_4000_0000 }] }),
      /there is memory behind 4 GiB/,
    ],
  ])('refuses %s', (_, machine, message) => {
    expect(() => qemuTopology(machine)).toThrow(message);
    expect(() => qemuTopology(machine)).toThrow(expect.objectContaining({ code: 'QEMU_TOPOLOGY' }));
  });

  it('refuses a function on a bus to which nothing leads', () => {
    const machine = machineOf([...chipset, q35RootPort({ device: 1, below: [e1000e({ serial: 1 })] })]);
    const functions = machine.functions.filter((one) => one.name !== '0000:00:01.0');
    expect(() => qemuTopology({ ...machine, functions })).toThrow(
      /0000:01:00\.0 .* neither a bridge nor a root/,
    );
  });

  it('says of every other preset why QEMU cannot be it', () => {
    const possible = Object.keys(presets).filter((name) => {
      try {
        qemuTopology(preset(name));
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'QEMU_TOPOLOGY' });
        return false;
      }
    });
    expect(possible).toEqual(['q35-lab', 'q35-scalable-lab', 'q35-scalable-lab-both-halves', 'sumner-2014']);
  });
});
