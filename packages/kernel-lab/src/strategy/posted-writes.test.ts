import { setTimeout as sleep } from 'node:timers/promises';
import { preset } from '@quiesce/machine';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoppedGuest } from '../guest/stopped-guest.ts';
import type { StrategyWorker } from './strategy-worker.ts';
import { type BundledLab, bundleLab } from './testing/bundle-lab.ts';
import { guestAt, labMemory } from './testing/guest-at.ts';
import { PluginFiles } from './testing/plugin-file.ts';

let lab: BundledLab;
const files = new PluginFiles();
beforeAll(async () => {
  lab = await bundleLab();
});
afterAll(async () => {
  files.dispose();
  await lab.dispose();
});

const situation = { memory: labMemory };

function start(body: string): Promise<StrategyWorker> {
  const module = files.write(`irqRemapInit(ctx) { const page = ctx.pages.allocate(); ${body} }`);
  return lab.StrategyWorker.start({ module, commandLine: [], machine: preset('q35-lab') });
}

/** Takes its time for writes, and says when they are done. */
function slowGuest(done: string[]): StoppedGuest {
  const guest = guestAt('irqRemapInit').stopped;
  return {
    ...guest,
    write: async (address, size, value) => {
      await sleep(30);
      await guest.write(address, size, value);
      done.push(`write ${value}`);
    },
    read: async (address, size) => {
      const value = await guest.read(address, size);
      done.push(`read ${value}`);
      return value;
    },
  };
}

it('whatever comes after a write of memory comes after its end, and so does the end of the hook', async () => {
  const done: string[] = [];
  const worker = await start(`
    for (let i = 1; i <= 3; i++) ctx.memory.write32(page, i);
    ctx.memory.read32(page);
    ctx.memory.write32(page, 4);
  `);
  const report = await worker.run('irqRemapInit', situation, slowGuest(done));
  done.push('report');
  await worker.close();
  expect(report).toMatchObject({ failure: null, accesses: { memory: 5 } });
  expect(done).toEqual(['write 1', 'write 2', 'write 3', 'read 3', 'write 4', 'report']);
});

it('a strategy that ends itself has written what it has written', async () => {
  const done: string[] = [];
  const worker = await start('ctx.memory.write32(page, 7); process.exit(0);');
  const report = await worker.run('irqRemapInit', situation, slowGuest(done));
  await worker.close();
  expect(report.failure).toMatchObject({ code: 'EXITED' });
  expect(done).toEqual(['write 7']);
});

it('a write that fails ends the run, whatever has been done since', async () => {
  const worker = await start('ctx.memory.write32(page, 7);');
  const guest = { ...slowGuest([]), write: () => Promise.reject(new Error('QEMU is gone')) };
  await expect(worker.run('irqRemapInit', situation, guest)).rejects.toThrow('QEMU is gone');
});
