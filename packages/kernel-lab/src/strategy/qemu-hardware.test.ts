import { preset } from '@quiesce/machine';
import { QemuProcess, qemuTopology } from '@quiesce/qemu-control';
import { expect, it } from 'vitest';
import { LabGuest } from '../guest/lab-guest.ts';
import { bundleLab } from './testing/bundle-lab.ts';
import { PluginFiles } from './testing/plugin-file.ts';

/** Opens the ECAM window as firmware does (PCIEXBAR, offset 0x60 of the host bridge), and looks at bus 0 both ways. */
const lookAround = `crash(ctx) {
  ctx.type1.write32(0, 0, 0, 0x60, 0xb0000001);
  ctx.type1.write32(0, 0, 0, 0x64, 0);
  for (let device = 0; device < 32; device++) {
    const ids = ctx.type1.read32(0, device, 0, 0);
    if (ids === 0xffffffff) continue;
    if (ctx.mmconfig.read16(0, 0, device, 0, 2) !== ids >>> 16) throw new Error('not the same');
    ctx.log(device + ' ' + ids.toString(16));
  }
  ctx.mmconfig.write8(0, 0, 1, 0, 0x3c, 0x5a);
  ctx.log(ctx.type1.read16(0, 1, 0, 0x3c).toString(16) + ' ' + ctx.type1.read8(0, 1, 0, 0x3c).toString(16));
  ctx.log([ctx.units[0].read32(0), ctx.units[0].read32(8)].map((one) => one.toString(16)).join());
}`;

it.skipIf(!QemuProcess.available())(
  'a strategy reaches the hardware of QEMU, on which no kernel runs',
  async () => {
    const machine = preset('q35-lab');
    const files = new PluginFiles();
    const lab = await bundleLab();
    const qemu = await QemuProcess.start({ arguments: qemuTopology(machine).arguments });
    try {
      const module = files.write(lookAround);
      const worker = await lab.StrategyWorker.start({ module, commandLine: [], machine });
      const memory = { start: 0x2000_0000, end: 0x2200_0000 };
      const report = await worker.run('crash', { memory }, new LabGuest(qemu));
      await worker.close();
      expect(report).toMatchObject({ failure: null, violations: [] });
      const onBusZero = machine.functions
        .filter(({ name }) => /^0000:00:..\.0$/.test(name))
        .map(({ name, config }) => {
          const ids = Buffer.from(config.slice(0, 8), 'hex').readUInt32LE(0);
          return `${Number.parseInt(name.slice(8, 10), 16)} ${ids.toString(16)}`;
        });
      expect(report.lines).toEqual([...onBusZero, '15a 5a', '10,22260206']);
    } finally {
      await qemu.close();
      files.dispose();
      await lab.dispose();
    }
  },
);
