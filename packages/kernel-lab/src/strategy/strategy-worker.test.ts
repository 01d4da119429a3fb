import { preset } from '@quiesce/machine';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HookSituation } from './hook-situation.ts';
import type { StrategyWorker } from './strategy-worker.ts';
import { type BundledLab, bundleLab } from './testing/bundle-lab.ts';
import { guestAt, labMemory, type Place } from './testing/guest-at.ts';
import type { ModelGuest } from './testing/model-guest.ts';
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
const situation: HookSituation = { memory: labMemory };

/** Starts a strategy with these hooks, and gives the guest that it is going to run at. */
async function set(
  hooks: string,
  place: Place,
  commandLine: readonly string[] = [],
): Promise<{ worker: StrategyWorker; guest: ModelGuest }> {
  const worker = await lab.StrategyWorker.start({ module: files.write(hooks), commandLine, machine });
  return { worker, guest: guestAt(place) };
}

/** `r4 cfc` and so on: what reached the hardware. */
function reached(guest: ModelGuest): string[] {
  return guest.accesses.map(({ write, size, address, value }) => {
    const what = `${write ? 'w' : 'r'}${size} ${address.toString(16)}`;
    return write ? `${what} = ${value.toString(16)}` : what;
  });
}

it('accesses reach the hardware in their order, each with its own size', async () => {
  const { worker, guest } = await set(
    `setupArch(ctx) {
      ctx.type1.read16(0, 1, 0, 6);
      ctx.type1.write8(0, 1, 0, 0x3f, 0x12);
      ctx.type1.read32(7, 31, 7, 0xfc);
    }`,
    'setupArch',
  );
  guest.writePort(0xcf8, 4, 0x8000_fa04);
  guest.accesses.length = 0;
  const report = await worker.run('setupArch', situation, guest.stopped);
  await worker.close();
  expect(reached(guest)).toEqual([
    'r4 cf8',
    'w4 cf8 = 80000804',
    'r2 cfe',
    'w4 cf8 = 8000083c',
    'w1 cff = 12',
    'w4 cf8 = 8007fffc',
    'r4 cfc',
    'w4 cf8 = 8000fa04',
  ]);
  expect(report.accesses).toEqual({ config: 3, registers: 0, memory: 0 });
});

it('MMCONFIG, registers and memory are physical addresses', async () => {
  const { worker, guest } = await set(
    `iommuInit(ctx) {
      const page = ctx.pages.allocate();
      ctx.log('begin ' + page.toString(16));
      ctx.mmconfig.read16(0, 4, 0, 0, 0x102);
      ctx.mmconfig.write32(0, 0, 1, 0, 0x40, 0xfedcba98);
      ctx.units[0].read32(0x1c);
      ctx.units[0].write32(0x38, 0x80000000);
      ctx.memory.write32(page + 8, -1);
      ctx.memory.read32(0x1000000);
      ctx.devices.find(0, 5, 0, 0).readConfig8(0x0e);
    }`,
    'iommuInit',
  );
  const { lines, accesses, allocatedBytes } = await worker.run('iommuInit', situation, guest.stopped);
  await worker.close();
  expect(lines).toEqual(['begin 3c000000']);
  expect(reached(guest).slice(-7)).toEqual([
    'r2 b0400102',
    'w4 b0008040 = fedcba98',
    'r4 fed9001c',
    'w4 fed90038 = 80000000',
    'w4 3c000008 = ffffffff',
    'r4 1000000',
    'r1 b050000e',
  ]);
  expect(accesses).toEqual({ config: 3, registers: 2, memory: 2 });
  expect(allocatedBytes).toBe(4096);
});

it('pages are zeroed, lasting from hook to hook, and end where the lab’s memory does', async () => {
  const { worker, guest } = await set(
    `setupArch(ctx) { ctx.log(ctx.bootmem.allocate(5000).toString(16)); },
     irqRemapInit(ctx) {
      ctx.log(ctx.pages.allocateForDma(3).toString(16));
      ctx.memory.write32(${labMemory.start}, 7);
      ctx.log(String(ctx.memory.read32(${labMemory.start})));
      for (;;) ctx.pages.allocate(1024);
    }`,
    'setupArch',
  );
  guest.writeBytes(labMemory.start, new Uint8Array(8192).fill(0xee));
  const first = await worker.run('setupArch', situation, guest.stopped);
  expect(first).toMatchObject({ lines: ['3c000000'], allocatedBytes: 5000, failure: null });
  expect(guest.readBytes(labMemory.start, 8192)).toEqual(new Uint8Array(8192));
  const second = await worker.run('irqRemapInit', situation, guest.stopped);
  expect(second).toMatchObject({ lines: ['3c004000', '7'], failure: { code: 'THREW' } });
  expect(second.failure?.message).toContain('no 1024 pages left');
  await worker.close();
});

it('the kernel’s own function runs when the hook says so, once, with its latch as it was', async () => {
  const { worker, guest } = await set(
    `iommuInit(ctx) {
      ctx.type1.read8(0, 0, 0, 0);
      ctx.kernel.initialiseUnit(ctx.units[0]);
      ctx.kernel.initialise();
      ctx.type1.read8(0, 0, 0, 0);
      ctx.kernel.reserveDomainId(ctx.units[0], 3);
      ctx.kernel.adoptEntry(ctx.units[0], { requesterId: 0x100, domainId: 3 });
      ctx.kernel.reserveDomainId(ctx.units[0], 4);
      ctx.log(String(ctx.kernel.translates));
    }`,
    'iommuInit',
    ['intel_iommu=off'],
  );
  guest.writePort(0xcf8, 4, 0x8000_fa04);
  const latches: number[] = [];
  guest.runKernel = () => {
    latches.push(guest.readPort(0xcf8, 4));
    guest.writePort(0xcf8, 4, 0x8000_0100);
  };
  const report = await worker.run('iommuInit', situation, guest.stopped);
  await worker.close();
  expect(report).toMatchObject({ failure: null, ranKernel: true, lines: ['false'] });
  expect(report.notOffered).toEqual(['reserveDomainId', 'adoptEntry']);
  expect(latches).toEqual([0x8000_fa04]);
  expect(guest.readPort(0xcf8, 4)).toBe(0x8000_0100);
});

it('an adopted root table is one that the unit uses', async () => {
  const { worker, guest } = await set(
    `iommuInit(ctx) {
      const address = ctx.pages.allocate();
      ctx.kernel.adoptRootTable(ctx.units[0], { address, scalable: false });
      ctx.kernel.adoptRootTable(ctx.units[0], { address, scalable: false });
    }`,
    'iommuInit',
  );
  const report = await worker.run('iommuInit', situation, guest.stopped);
  await worker.close();
  expect(report).toMatchObject({
    failure: null,
    ranKernel: false,
    notOffered: ['adoptRootTable'],
    lines: [],
  });
  expect(guest.world.hardware.units[0]?.readRegister32(0x20)).toBe(labMemory.start);
  const pointed = reached(guest).filter((one) => one.startsWith('w4 fed90020'));
  expect(pointed).toEqual(['w4 fed90020 = 3c000000']);
});

it('deviceAttach is about the function that the situation names', async () => {
  const { worker, guest } = await set(
    `deviceAttach({ device, devices, units, log }) {
      log([device.name, device.upstream.name, device.hasDriver, units[0].covers(0x400), devices.length].join());
    }`,
    'iommuInit',
  );
  const at = (device: string): HookSituation => ({ ...situation, device });
  const report = await worker.run('deviceAttach', at('0000:04:00.0'), guest.stopped);
  expect(report.lines).toEqual(['0000:04:00.0,0000:03:00.0,true,true,19']);
  const nowhere = worker.run('deviceAttach', at('0000:99:00.0'), guest.stopped);
  await expect(nowhere).rejects.toMatchObject({ code: 'LAB_DEVICE' });
  await worker.close();
});

it('work that is put off runs when the lab says so, told of the same fault, and once', async () => {
  const { worker, guest } = await set(
    `iommuFault(ctx) {
      ctx.schedule(5, (later) => {
        later.log([later.requesterId, later.device.name, later.write].join());
        later.schedule(7, () => {});
      });
    }`,
    'iommuInit',
  );
  const fault = { unit: 'dmar0', requesterId: 0x100, address: 0x1000, write: true, reason: 5 };
  const first = await worker.run('iommuFault', { ...situation, fault }, guest.stopped);
  expect(first.scheduled).toEqual([{ id: 1, ms: 5 }]);
  const second = await worker.runScheduled(1, situation, guest.stopped);
  expect(second).toMatchObject({ lines: ['256,0000:01:00.0,true'], scheduled: [{ id: 2, ms: 7 }] });
  await expect(worker.runScheduled(1, situation, guest.stopped)).rejects.toMatchObject({ code: 'LAB_WORK' });
  await worker.close();
});

it('a loop over registers ends, too', async () => {
  const module = files.write('iommuInit(ctx) { for (;;) ctx.units[0].read32(0x1c); }');
  const limits = { accesses: 500 };
  const worker = await lab.StrategyWorker.start({ module, commandLine: [], machine, limits });
  const report = await worker.run('iommuInit', situation, guestAt('iommuInit').stopped);
  expect(report).toMatchObject({ failure: { code: 'BUDGET_EXHAUSTED' }, accesses: { registers: 501 } });
  await worker.close();
});

it('any number of hooks leaves nothing behind in this process', async () => {
  const { worker, guest } = await set('deviceAttach(ctx) { ctx.delay(0); }', 'iommuInit');
  const warnings: Error[] = [];
  const heard = (warning: Error): void => void warnings.push(warning);
  process.on('warning', heard);
  for (let i = 0; i < 25; i++) {
    await worker.run('deviceAttach', { ...situation, device: '0000:01:00.0' }, guest.stopped);
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', heard);
  expect(warnings).toEqual([]);
  await worker.close();
});

it('initcalls of a level run in their order, each named as the kernel names it', async () => {
  const { worker, guest } = await set(
    `initcalls: [
      { level: 'fs_sync', name: 'second', run: (ctx) => ctx.log(ctx.phase) },
      { level: 'arch', name: 'first', run: (ctx) => ctx.log(String('devices' in ctx)) },
      { level: 'fs_sync', name: 'third', run: (ctx) => ctx.log(ctx.firmware.hostBridges.length) },
    ]`,
    'iommuInit',
  );
  expect(worker.hooks).toEqual(['initcall:arch', 'initcall:fs_sync']);
  const report = await worker.run('initcall:fs_sync', situation, guest.stopped);
  expect(report.lines).toEqual([
    'calling  second+0x0/0x0 @ 1',
    'fs_sync_initcalls',
    'calling  third+0x0/0x0 @ 1',
    '0',
  ]);
  await worker.close();
});
