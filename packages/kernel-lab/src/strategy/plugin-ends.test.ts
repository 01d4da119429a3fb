import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { preset } from '@quiesce/machine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StrategyWorker, StrategyWorkerOptions } from './strategy-worker.ts';
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

const machine = preset('q35-lab');
const situation = { memory: labMemory };

function start(module: string, more: Partial<StrategyWorkerOptions> = {}): Promise<StrategyWorker> {
  return lab.StrategyWorker.start({ module, commandLine: [], machine, ...more });
}

describe('a hook that does not come to its end', () => {
  it.each([
    ['TIME_LIMIT', 'for (;;) {}'],
    ['OUT_OF_MEMORY', 'const map = new Map(); for (let i = 0; ; i++) map.set(i, [i]);'],
    ['OUT_OF_MEMORY', 'const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1));'],
    ['EXITED', 'process.exit(3);'],
    ['EXITED', 'process.kill(process.pid, "SIGTERM"); for (;;) {}'],
    ['ASYNC', 'Promise.reject(new Error("later"));'],
  ])('is ended as %s: %s', async (code, body) => {
    const module = files.write(
      `setupArch(ctx) { ctx.log('begun'); ctx.type1.write32(0, 31, 7, 0, 0); ${body} }`,
    );
    const computeMs = code === 'TIME_LIMIT' ? 300 : 60_000;
    const heard: string[] = [];
    const worker = await start(module, { limits: { computeMs }, onLine: (line) => heard.push(line) });
    const guest = guestAt('setupArch');
    guest.world.hardware.type1.out(0xcf8, 4, 0x8000_1234);
    const report = await worker.run('setupArch', situation, guest.stopped);
    expect(report).toMatchObject({ failure: { code, phase: 'setup_arch' }, lines: ['begun'] });
    expect(heard).toEqual(['begun']);
    expect(guest.readPort(0xcf8, 4)).toBe(0x8000_1234);
    expect(await worker.run('setupArch', situation, guest.stopped)).toMatchObject({ failure: { code } });
    await worker.close();
  });
});

it('what a strategy waits for the guest is not held against it', async () => {
  const worker = await start(files.write('setupArch(ctx) { ctx.delay(1); }'), {
    limits: { computeMs: 1000 },
  });
  const guest = guestAt('setupArch').stopped;
  const slow = { ...guest, wait: (): Promise<void> => sleep(2000) };
  expect(await worker.run('setupArch', situation, slow)).toMatchObject({ failure: null, waitedMs: 1 });
  await worker.close();
});

it('a guest that fails is not the strategy’s failure', async () => {
  const worker = await start(files.write('setupArch(ctx) { ctx.type1.read8(0, 0, 0, 0); }'));
  const guest = {
    ...guestAt('setupArch').stopped,
    readPort: () => Promise.reject(new Error('QEMU is gone')),
  };
  await expect(worker.run('setupArch', situation, guest)).rejects.toThrow('QEMU is gone');
});

it.each([
  ['PLUGIN_IMPORT', "throw new Error('not today');"],
  ['PLUGIN_IMPORT', 'for (;;) {}'],
  ['PLUGIN_IMPORT', 'process.exit(0);'],
  ['PLUGIN_SHAPE', 'export default { name: 7 };'],
  ['STRATEGY_CREATE', "export default { name: 'a', create() { throw new Error('no'); } };"],
  ['STRATEGY_CREATE', "export default { name: 'a', create: () => ({ crash: 1 }) };"],
])('refuses with %s: %s', async (code, source) => {
  const module = files.writeModule(source);
  const started = start(module, { limits: source.startsWith('for') ? { loadMs: 500 } : {} });
  await expect(started).rejects.toMatchObject({ name: 'UserError', code });
});

it('refuses options that the plugin does not take, and strategies that there are not', async () => {
  const none = lab.strategies.get('strategy-none') ?? '';
  await expect(start(none, { options: { a: 1 } })).rejects.toMatchObject({ code: 'STRATEGY_OPTIONS' });
  await expect(start('no-such-strategy')).rejects.toMatchObject({ code: 'STRATEGY_UNKNOWN' });
});

it('a hook that runs is given up when the lab closes the worker', async () => {
  let begun = (): void => {};
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const worker = await start(files.write("setupArch(ctx) { ctx.log('begun'); for (;;) {} }"), {
    onLine: begun,
  });
  const report = worker.run('setupArch', situation, guestAt('setupArch').stopped);
  await hasBegun;
  await worker.close();
  expect((await report).failure).toMatchObject({ code: 'EXITED', message: 'was ended by the lab' });
});

it('says what is missing where the process cannot be started', async () => {
  const { PATH } = process.env;
  process.env.PATH = '';
  const started = start(lab.strategies.get('strategy-none') ?? '');
  process.env.PATH = PATH;
  await expect(started).rejects.toMatchObject({
    code: 'LAB_TOOL',
    message: expect.stringContaining('util-linux'),
  });
});

it.skipIf(!existsSync('/proc/self/stat'))('its process ends with the lab, whatever ended that', async () => {
  const module = files.write('setupArch(ctx) { ctx.log(String(process.pid)); for (;;) {} }');
  const source = `
    import { StrategyWorker } from ${JSON.stringify(lab.url)};
    const worker = await StrategyWorker.start({
      module: ${JSON.stringify(module)}, commandLine: [], machine: ${JSON.stringify(machine)},
      onLine: (line) => console.log(line),
    });
    await worker.run('setupArch', ${JSON.stringify(situation)}, {});
  `;
  const child = spawn(process.execPath, [files.writeModule(source)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data).trim())),
  );
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  child.kill('SIGKILL');
  for (let i = 0; i < 200 && existsSync(`/proc/${pid}`); i++) await sleep(50);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});
