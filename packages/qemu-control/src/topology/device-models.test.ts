import { buildMachine, type FunctionPlan, ich9, PcieType, pciExpress, q35HostBridge } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { QemuProcess } from '../process/qemu-process.ts';
import { deviceModels } from './device-models.ts';
import { qemuTopology } from './qemu-topology.ts';

/** A function of which nothing is said but its IDs, and that it is a bridge to `below`. */
function plain(id: string, device: number, below?: readonly FunctionPlan[]): FunctionPlan {
  const [vendorId, deviceId] = id.split(':').map((digits) => Number.parseInt(digits, 16)) as [number, number];
  const slot = pciExpress({ type: PcieType.rootPort, slot: device });
  const bridge = below === undefined ? {} : { bridge: { below }, capabilities: [slot] };
  return { device, vendorId, deviceId, classCode: below === undefined ? 0x020000 : 0x060400, ...bridge };
}

/** Every model where QEMU takes it: the switch's ports need each other, its conventional bridges a bus. */
const functions: readonly FunctionPlan[] = [
  q35HostBridge(),
  plain('1b36:000c', 1, [plain('104c:8232', 0, [plain('104c:8233', 0, [plain('8086:10d3', 0)])])]),
  plain('8086:3420', 2, [plain('1b36:000e', 0, [plain('8086:100e', 1), plain('1b36:0001', 2, [])])]),
  plain('1b36:000b', 3),
  plain('8086:244e', 4, [plain('1274:5000', 1)]),
  ...['8086:2668', '8086:293e', '1b36:0010', '8086:2922'].map((id, index) => plain(id, 5 + index)),
  ...[0, 1, 2, 3, 4, 5].map((index) => plain(`8086:293${4 + index}`, 0x10 + index)),
  ...ich9(),
];

describe.skipIf(!QemuProcess.available())('device models (skipped where qemu-system-x86 is absent)', () => {
  it('are what their vendor and device IDs say, and QEMU takes them as they are asked for', async () => {
    const built = buildMachine({
      name: 'everything',
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
      memoryMap: [{ start: 0, end: 0x800_0000, owner: 'first-kernel', label: 'System RAM' }],
    });
    const rootComplexes = [...built.rootComplexes, { segment: 0, firstBus: 0x80, lastBus: 0xff }];
    const topology = qemuTopology({ ...built, rootComplexes });
    const qemu = await QemuProcess.start({ arguments: topology.arguments });
    try {
      const tree = await qemu.qmp.monitor('info qtree');
      const reported = new Map(
        [...tree.matchAll(/id "(dev-[^"]+)"[\s\S]*?pci id ([0-9a-f]{4}:[0-9a-f]{4})/g)].map(([, id, ids]) => [
          id,
          ids,
        ]),
      );
      const asked = new Map(
        built.functions
          .filter(({ name }) => topology.devices[name] !== undefined)
          .map(({ name, config }) => [topology.devices[name], idOf(config)]),
      );
      expect(reported).toEqual(asked);
      expect([...new Set(asked.values())].sort()).toEqual([...deviceModels.keys()].sort());
    } finally {
      await qemu.close();
    }
  });
});

/** `8086:10d3`, from the first four bytes of a config space. */
function idOf(config: string): string {
  return `${config.slice(2, 4)}${config.slice(0, 2)}:${config.slice(6, 8)}${config.slice(4, 6)}`;
}
