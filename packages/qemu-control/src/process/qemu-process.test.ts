import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { qemuCommand } from './qemu-command.ts';
import { QemuProcess } from './qemu-process.ts';

const MACHINE = ['-machine', 'q35,kernel-irqchip=off', '-m', '64M', '-device', 'intel-iommu,intremap=on'];

let qemu: QemuProcess | undefined;
afterEach(async () => {
  await qemu?.close();
  qemu = undefined;
});

describe.skipIf(!QemuProcess.available())(
  'QEMU under control (skipped where qemu-system-x86 is absent)',
  () => {
    it('answers on every channel', async () => {
      qemu = await QemuProcess.start({
        arguments: [...MACHINE, '-device', 'e1000e,netdev=net0'],
        serialPorts: 1,
        networks: ['net0'],
      });
      expect(await qemu.qmp.execute('query-status')).toMatchObject({ running: false });
      expect(await qemu.qmp.monitor('info name')).toBe('');
      // VT-d's version register, and the vendor of the host bridge by both configuration mechanisms.
      expect(await qemu.qtest.read32(0xfed9_0000)).toBe(0x10);
      await qemu.qtest.writePort(0xcf8, 4, 0x8000_0000);
      expect(await qemu.qtest.readPort(0xcfc, 2)).toBe(0x8086);
      await qemu.qtest.writeBytes(0x10_0000, new Uint8Array([0xeb, 0xfe]));
      expect([...(await qemu.qtest.readBytes(0x10_0000, 2))]).toEqual([0xeb, 0xfe]);
      await qemu.gdb.attach();
      const registers = await qemu.gdb.registers();
      expect(registers.get('rip')).toBe('000000000000fff0');
      expect(registers.interruptsEnabled).toBe(false);
    });

    it('stops where the debugger wants it to', async () => {
      qemu = await QemuProcess.start({ arguments: MACHINE });
      await qemu.gdb.attach();
      // Reset vector: a far jump to the firmware's entry at f000:e05b.
      await qemu.gdb.setBreakpoint('00000000000fe05b');
      qemu.gdb.continue();
      await qemu.gdb.waitForStop(60_000);
      expect((await qemu.gdb.registers()).get('rip')).toBe('000000000000e05b');
      await qemu.gdb.clearBreakpoint('00000000000fe05b');
      qemu.gdb.continue();
      qemu.gdb.interrupt();
      await qemu.gdb.waitForStop(60_000);
    });

    it('says why it does not start, and refuses what QEMU refuses', async () => {
      await expect(QemuProcess.start({ arguments: ['-device', 'no-such-device'] })).rejects.toMatchObject({
        code: 'QEMU_EXITED',
        message: expect.stringContaining("'no-such-device' is not a valid device model name"),
      });
      qemu = await QemuProcess.start({ arguments: MACHINE });
      await expect(qemu.qmp.execute('no-such-command')).rejects.toMatchObject({ code: 'QMP_REFUSED' });
      await expect(qemu.qtest.run(['nonsense'])).rejects.toMatchObject({ code: 'QTEST_REFUSED' });
      await expect(qemu.serial[0]?.waitFor(/x/, 10) ?? qemu.qmp.event('STOP', 10)).rejects.toMatchObject({
        code: 'QEMU_TIMEOUT',
      });
    });

    it('dies with whoever started it, even by SIGKILL', async () => {
      const { program, args, channels } = qemuCommand({
        arguments: [...MACHINE, '-name', `orphan-${process.pid}`],
      });
      const stdio = ['ignore', 'ignore', 'ignore', ...Array.from({ length: channels }, () => 'pipe')];
      const script = `
      require('node:child_process').spawn(${JSON.stringify(program)}, ${JSON.stringify(args)}, { stdio: ${JSON.stringify(stdio)} });
      setInterval(() => {}, 1000);
    `;
      const node = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
      const mine = (): string[] => guestsNamed(`orphan-${process.pid}`);
      for (let tries = 0; tries < 100 && mine().length === 0; tries++) await sleep(50);
      expect(mine()).toHaveLength(1);
      node.kill('SIGKILL');
      for (let tries = 0; tries < 100 && mine().length > 0; tries++) await sleep(50);
      expect(mine()).toEqual([]);
    });
  },
);

/** Processes whose command line holds that name. */
function guestsNamed(name: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        return line.startsWith('qemu') && line.includes(name);
      } catch {
        return false;
      }
    });
}
