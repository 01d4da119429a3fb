import { QemuProcess } from '@quiesce/qemu-control';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { behaviourDeviations } from './behaviour-deviations.ts';
import { ecamAddress } from './firmware.ts';
import type { ModelTree } from './model-tree.ts';
import { PcieOracle } from './oracle.ts';
import { askNumbers } from './qtest-channel.ts';
import { treeArguments } from './tree.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;
const NOBODY = 0xffff_ffff;
/** Places of the tree: bus and devfn. */
const rp1 = [0, 8] as const;
const dp3 = [4, 0] as const;
const nic1 = [5, 0] as const;
const hda1 = [7, 0] as const;
const nic1Ids = 0x10d3_8086;
/** RAL0 of nic1, the words of its address. */
const STATION = 0x0000_5452;

describe.skipIf(!QemuProcess.available())(
  'where QEMU is not PCI Express (skipped where qemu-system-x86 is absent)',
  () => {
    let qemu: QemuProcess;
    let oracle: PcieOracle;
    let model: ModelTree;
    const shown = new Set<string>();

    beforeAll(async () => {
      qemu = await QemuProcess.start({ arguments: treeArguments() });
      oracle = await PcieOracle.open(qemu.qtest);
      model = oracle.pair.model;
    });
    beforeEach(() => oracle.restart());
    afterAll(() => qemu?.close());

    const ask = async (command: string): Promise<number> => {
      const [answer = 0] = await askNumbers(qemu.qtest, [command]);
      return answer >>> 0;
    };
    type Place = readonly [bus: number, devfn: number];
    const at = ([bus, devfn]: Place, offset: number): number => ecamAddress(bus, devfn, offset);
    /** Writes config space on both sides. `settle`: the model is given time for what the write starts. */
    const write = async (
      place: Place,
      offset: number,
      size: 1 | 2 | 4,
      value: number,
      settle = true,
    ): Promise<void> => {
      await ask(`write${{ 1: 'b', 2: 'w', 4: 'l' }[size]} ${hex(at(place, offset))} ${hex(value)}`);
      model.fabric.mmioWrite(at(place, offset), size, value);
      if (settle) model.settle();
    };
    /** What both sides read. */
    const both = async (address: number): Promise<{ model: number; qemu: number }> => ({
      model: model.fabric.mmioRead(address, 4),
      qemu: await ask(`readl ${hex(address)}`),
    });
    const openTo = async (...places: Place[]): Promise<void> => {
      for (const place of places) await write(place, 4, 2, 7);
    };
    const wayToNic1: Place[] = [rp1, [1, 0], [2, 0], [3, 0], dp3, nic1];
    const wayToHda1: Place[] = [rp1, [1, 0], [2, 0], [3, 0], [4, 16], hda1];
    const show = (id: string): void => {
      expect(behaviourDeviations.map((one) => one.id)).toContain(id);
      shown.add(id);
    };

    it('reads 0 where nobody answers', async () => {
      expect(await both(0xd000_0000)).toEqual({ model: NOBODY, qemu: 0 });
      show('nobody-answers-zero');
    });

    it('answers at once after a reset, and even during it', async () => {
      await write(dp3, 0x3e, 2, 0x40);
      expect(await both(at(nic1, 0))).toEqual({ model: NOBODY, qemu: nic1Ids });
      await write(dp3, 0x3e, 2, 0, false);
      expect(await both(at(nic1, 0))).toEqual({ model: NOBODY, qemu: nic1Ids });
      model.settle();
      expect(await both(at(nic1, 0))).toEqual({ model: nic1Ids, qemu: nic1Ids });
      show('resets-take-no-time');
    });

    it('forwards by the windows from before a reset', async () => {
      const hda2: Place = [10, 8];
      await openTo([0, 16], [9, 0], hda2);
      await write([0, 16], 0x3e, 2, 0x40);
      await write([0, 16], 0x3e, 2, 0);
      await write([9, 0], 0x18, 4, 0x000a_0a09);
      await write(hda2, 0x10, 4, 0xc400_0000);
      await write(hda2, 4, 2, 7);
      const stale = await both(0xc400_0000);
      expect(stale.qemu).toBe(0x4401);
      expect(model.hierarchy.routeMemory(0xc400_0000)).toBeUndefined();
      await write([9, 0], 4, 2, 0);
      expect(await ask('readl 0xc4000000')).toBe(0);
      show('stale-windows-after-reset');
    });

    it('decodes no BAR at either end of the first 4 GiB', async () => {
      const hda4: Place = [0, 0xd8];
      await openTo(hda4);
      expect(await decodedAt(0x1b)).toBe(0xc700_0000);
      for (const base of [0, 0xffff_c000]) {
        await write(hda4, 0x10, 4, base);
        expect(model.hierarchy.routeMemory(base)?.fn.name).toBe('0000:00:1b.0');
        // QEMU says the address at which a BAR decodes, -1 for nowhere.
        expect(await decodedAt(0x1b)).toBe(-1);
      }
      show('bar-at-either-end');
    });

    it('reads the latch in parts, and keeps its reserved bits', async () => {
      const out = async (value: number): Promise<void> => {
        await ask(`outl 0xcf8 ${hex(value)}`);
        model.fabric.ioWrite(0xcf8, 4, value);
      };
      await out(0x8005_0004);
      expect([model.fabric.ioRead(0xcf8, 2), await ask('inw 0xcf8')]).toEqual([0xffff, 0x0004]);
      show('latch-in-parts');
      await out(0xffff_ffff);
      expect([model.fabric.ioRead(0xcf8, 4), await ask('inl 0xcf8')]).toEqual([0x80ff_fffc, NOBODY]);
      show('latch-reserved-bits');
    });

    it('decodes memory in D3hot, and leaves it without a reset', async () => {
      await openTo(...wayToNic1);
      expect(await ask('readl 0xc0005400')).toBe(STATION);
      await write(nic1, 0xcc, 2, 3);
      expect(model.hierarchy.routeMemory(0xc000_5400)).toBeUndefined();
      expect(await ask('readl 0xc0005400')).toBe(STATION);
      show('d3hot-decodes');
      await write(nic1, 0xcc, 2, 0);
      expect(await both(at(nic1, 0x10))).toEqual({ model: 0, qemu: 0xc000_0000 });
      show('d3hot-without-reset');
    });

    it('keeps sticky bits without power', async () => {
      const before = (await both(at(nic1, 0x10c))).model;
      await write(nic1, 0x10c, 4, 0);
      const slot = 0x90 + 0x18;
      await write(dp3, slot, 2, 0x540);
      expect(await both(at(nic1, 0))).toEqual({ model: NOBODY, qemu: NOBODY });
      await write(dp3, slot, 2, 0x140);
      expect(before).not.toBe(0);
      expect(await both(at(nic1, 0x10c))).toEqual({ model: 0x0046_2030, qemu: 0 });
      show('sticky-without-power');
    });

    it('forwards upstream without Bus Master Enable of bridges', async () => {
      await openTo(...wayToHda1);
      const hda = 0xc200_0000;
      const [, , , , , endpoint] = wayToHda1;
      for (const closed of wayToHda1) {
        await write(closed, 4, 2, 3);
        await askNumbers(qemu.qtest, codecCommands(hda));
        const answered = await ask('readl 0x20008');
        expect(model.hierarchy.upstreamPathOpen(fnAt(closed))).toBe(fnAt(closed));
        expect(answered === 0, `closed at ${closed}`).toBe(closed === endpoint);
        await write(closed, 4, 2, 7);
      }
      show('bridges-forward-without-bus-master');
    });

    it('deviates in every way that is listed', () => {
      expect([...shown].sort()).toEqual(behaviourDeviations.map(({ id }) => id).sort());
    });

    /** Address of the first BAR of a device on the root bus, as QEMU has mapped it. */
    async function decodedAt(slot: number): Promise<number | undefined> {
      const buses = (await qemu.qmp.execute('query-pci')) as readonly {
        readonly devices: readonly { readonly slot: number; readonly regions: { address: number }[] }[];
      }[];
      return buses[0]?.devices.find((one) => one.slot === slot)?.regions[0]?.address;
    }

    function fnAt([bus, devfn]: Place): ReturnType<ModelTree['at']> & object {
      const fn = model.at(bus, devfn);
      if (fn === undefined) throw new Error(`nobody at ${bus}:${devfn}`);
      return fn;
    }
  },
);

/** Has the codec of an HD audio controller say who it is, by a command list and an answer list in memory. */
function codecCommands(base: number): string[] {
  const write = (size: 'b' | 'w' | 'l', offset: number, value: number): string =>
    `write${size} ${hex(base + offset)} ${hex(value)}`;
  return [
    'writel 0x20008 0x0',
    // Command 1: node 0, parameter 0.
    'writel 0x10004 0xf0000',
    write('l', 0x08, 0),
    write('l', 0x08, 1),
    write('l', 0x40, 0x1_0000),
    write('l', 0x50, 0x2_0000),
    write('w', 0x58, 0x8000),
    write('w', 0x5a, 0xff),
    write('b', 0x5c, 2),
    write('b', 0x4c, 2),
    write('w', 0x48, 1),
  ];
}
