import { QemuProcess } from '@quiesce/qemu-control';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bitDeviations } from './bit-deviations.ts';
import { ecamAddress } from './firmware.ts';
import type { ModelTree } from './model-tree.ts';
import { PcieOracle } from './oracle.ts';
import { askNumbers } from './qtest-channel.ts';
import { treeArguments } from './tree.ts';

type Place = readonly [bus: number, devfn: number];
const hex = (value: number): string => `0x${value.toString(16)}`;
const NOBODY = 0xffff_ffff;
const up2: Place = [3, 0];
const dp3: Place = [4, 0];
const nic1: Place = [5, 0];
const nvme1: Place = [6, 0];
const nic1Ids = 0x10d3_8086;
/** Registers of the PCI Express capability of a switch port. */
const DEVICE_CONTROL = 0x98;
const LINK_CONTROL = 0xa0;
const SLOT_CONTROL = 0xa8;
const SLOT_STATUS = 0xaa;

describe.skipIf(!QemuProcess.available())(
  'bits that cases do not write (skipped where qemu-system-x86 is absent)',
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

    const at = ([bus, devfn]: Place, offset: number): string => hex(ecamAddress(bus, devfn, offset));
    const write = async (place: Place, offset: number, value: number): Promise<void> => {
      await askNumbers(qemu.qtest, [`writew ${at(place, offset)} ${hex(value)}`]);
      model.fabric.mmioWrite(Number(at(place, offset)), 2, value);
      model.settle();
    };
    const read = async (
      place: Place,
      offset: number,
      size: 2 | 4,
    ): Promise<[model: number, qemu: number]> => {
      const [answer = 0] = await askNumbers(qemu.qtest, [
        `read${size === 2 ? 'w' : 'l'} ${at(place, offset)}`,
      ]);
      return [model.fabric.mmioRead(Number(at(place, offset)), size), answer];
    };

    it('answers below a port that holds Secondary Bus Reset', async () => {
      await write(dp3, 0x3e, 0x40);
      expect(await read(nic1, 0, 4)).toEqual([NOBODY, nic1Ids]);
      shown.add('held-secondary-bus-reset');
    });

    it('stores power states that the function does not support', async () => {
      await write(nvme1, 0x64, 1);
      expect((await read(nvme1, 0x64, 2)).map((value) => value & 3)).toEqual([0, 1]);
      await write(nvme1, 0x64, 0);
      shown.add('power-state-unchecked');
    });

    it('resets switch ports at function level', async () => {
      await write(up2, DEVICE_CONTROL, 0x8000);
      expect(await read(up2, 0x18, 4)).toEqual([0x0007_0403, 0]);
      shown.add('switch-ports-reset-themselves');
    });

    it('has no link that could be disabled', async () => {
      await write(dp3, LINK_CONTROL, 0x10);
      expect(await read(nic1, 0, 4)).toEqual([NOBODY, nic1Ids]);
      shown.add('link-disable-hardwired');
    });

    it('has an interlock', async () => {
      await write(dp3, SLOT_CONTROL, 0x9c0);
      expect((await read(dp3, SLOT_STATUS, 2)).map((value) => value & 0x80)).toEqual([0, 0x80]);
      shown.add('slot-interlock');
    });

    it('keeps sticky bits below a slot without power', async () => {
      await write(nic1, 0x10c, 0);
      await write(dp3, SLOT_CONTROL, 0x5c0);
      expect(await read(nic1, 0, 4)).toEqual([NOBODY, NOBODY]);
      await write(dp3, SLOT_CONTROL, 0x1c0);
      const severity = await read(nic1, 0x10c, 2);
      expect(severity).toEqual([0x2030, 0]);
      shown.add('slot-power-keeps-sticky-bits');
    });

    it('deviates in every bit that is left out', () => {
      const listed = bitDeviations.filter(({ effect }) => effect === 'not-written').map(({ id }) => id);
      expect([...shown].sort()).toEqual(listed.sort());
    });
  },
);
