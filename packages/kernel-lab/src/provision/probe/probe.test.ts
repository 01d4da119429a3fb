import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cache } from '../cache/cache.ts';
import { buildProbe } from './build-probe.ts';

const PAGE = 4096;
const ADDRESS = 0x10_0000;
/** Linking statically needs more than a compiler. */
const canBuild =
  process.platform === 'linux' &&
  spawnSync('gcc', ['-static', '-x', 'c', '-o', '/dev/null', '-'], { input: 'int main(void) { return 0; }' })
    .status === 0;

describe.skipIf(!canBuild)('the probe (skipped where no C compiler links statically)', () => {
  let directory: string;
  let probe: string;
  let dump: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'quiesce-probe-'));
    probe = await buildProbe(new Cache(join(directory, 'cache')));
    dump = join(directory, 'dump');
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const run = async (...args: string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await promisify(execFile)(probe, args)).stdout) as Record<string, unknown>;

  it('finds whole, damaged and missing pages of the pattern, and where the damage is', async () => {
    const pages = await patternOf(probe);
    expect(pages).toHaveLength(256);
    // In another order, as physical memory has it; one page gone, one with a byte changed, one with its first line gone.
    const memory = [Buffer.alloc(PAGE, 7), ...pages.slice(1).reverse(), Buffer.alloc(PAGE)].map((page) =>
      Buffer.from(page),
    );
    memory[10]![100] = memory[10]![100]! ^ 0x10;
    memory[20]!.fill(0xee, 0, 64);
    writeFileSync(dump, elfCore(Buffer.concat(memory)));
    expect(await run('verify', dump)).toEqual({
      pages: 256,
      intact: 253,
      damaged: 2,
      missing: 1,
      scanned: 257,
      damages: [
        { address: `0x${(ADDRESS + 10 * PAGE).toString(16)}`, page: 246, offset: 100 },
        { address: `0x${(ADDRESS + 20 * PAGE).toString(16)}`, page: 236, offset: 0 },
      ],
    });
  });

  it('finds nothing in a dump without the pattern', async () => {
    writeFileSync(dump, elfCore(Buffer.alloc(3 * PAGE, 1)));
    expect(await run('verify', dump)).toMatchObject({
      pages: 0,
      intact: 0,
      damaged: 0,
      missing: 0,
      scanned: 3,
    });
  });

  it('tells which pages change between two readings', async () => {
    const memory = Buffer.alloc(600 * PAGE, 1);
    writeFileSync(dump, elfCore(memory));
    expect(await run('changed', dump, '0')).toEqual({ scanned: 600, changed: 0, ranges: [] });
    const child = spawn(probe, ['changed', dump, '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = once(child.stdout, 'data');
    // It sleeps once it has read all of it.
    await expect.poll(() => positionOf(child.pid!), { timeout: 10_000 }).toBe('sleeps');
    for (const page of [4, 5, 300]) memory.writeUInt8(2, page * PAGE + 17);
    writeFileSync(dump, elfCore(memory));
    expect(JSON.parse(String(await said))).toEqual({
      scanned: 600,
      changed: 3,
      ranges: [
        { address: '0x104000', pages: 2 },
        { address: '0x22c000', pages: 1 },
      ],
    });
  });

  it('says in one line what it can not do', async () => {
    writeFileSync(dump, elfCore(Buffer.alloc(3 * PAGE)).subarray(0, -1));
    for (const args of [[], ['verify', join(directory, 'none')], ['pattern', '0'], ['verify', dump]]) {
      const { status, stdout } = spawnSync(probe, args, { encoding: 'utf8' });
      expect(status).toBe(1);
      expect(JSON.parse(stdout)).toHaveProperty('error');
    }
  });
});

/** What `probe pattern 1` holds, read out of its memory. */
async function patternOf(probe: string): Promise<Buffer[]> {
  const child = spawn(probe, ['pattern', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    expect(JSON.parse(String((await once(child.stdout, 'data'))[0]))).toEqual({ pattern: 1, pages: 256 });
    const maps = readFileSync(`/proc/${child.pid}/maps`, 'latin1');
    const core = `/proc/${child.pid}/mem`;
    for (const [, from, to] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 *$/gm)) {
      const start = Number.parseInt(from!, 16);
      const length = Number.parseInt(to!, 16) - start;
      const bytes = existsSync(core) ? readAt(core, start, length) : Buffer.alloc(0);
      const at = bytes.indexOf('1ecseiuq', 0, 'latin1');
      if (at >= 0 && bytes.length - at >= 256 * PAGE) {
        return Array.from({ length: 256 }, (_, page) =>
          bytes.subarray(at + page * PAGE, at + (page + 1) * PAGE),
        );
      }
    }
    return [];
  } finally {
    child.kill('SIGKILL');
  }
}

function readAt(file: string, position: number, length: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a process sleeps until a time (nanosleep, clock_nanosleep), as the kernel says. */
function positionOf(pid: number): string {
  return /^(35|230) /.test(readFileSync(`/proc/${pid}/syscall`, 'latin1')) ? 'sleeps' : 'runs';
}

/** A dump with one piece of memory, and that piece's middle a second time, as kexec describes the kernel's image. */
function elfCore(memory: Buffer, offset = 8192): Buffer {
  const header = Buffer.alloc(offset);
  header.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  header.writeUInt32LE(64, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(2, 56);
  [
    [header.length, ADDRESS, memory.length],
    [header.length + PAGE, ADDRESS + PAGE, PAGE],
  ].forEach(([offset, address, size], index) => {
    const at = 64 + 56 * index;
    header.writeUInt32LE(1, at);
    header.writeUInt32LE(offset!, at + 8);
    header.writeUInt32LE(address!, at + 24);
    header.writeUInt32LE(size!, at + 32);
  });
  return Buffer.concat([header, memory]);
}
