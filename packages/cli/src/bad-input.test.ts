import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { preset } from '@quiesce/machine';
import { afterAll, describe, expect, it } from 'vitest';
import { runInProcess } from './testing/fake-io.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'quiesce-input-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const place = path.join(folder, name);
  writeFileSync(place, content);
  return place;
}

/** What these tests change in a machine. */
interface DraftFunction {
  name: string;
  config: string;
  barSizes: number[];
  endpoint: { workload: { ratePerSecond: number } };
}
interface Draft {
  functions: DraftFunction[];
  memoryMap: object[];
}

/** One typed line that names the file, and exit code 2. */
async function refused(argv: readonly string[], named: string, code = /./): Promise<void> {
  const result = await runInProcess(argv);
  expect(result.stderr).toMatch(/^quiesce: [^\n]+\n$/);
  expect(result.stderr).toContain(named);
  expect(result.stderr).toMatch(code);
  expect(result.stderr).not.toMatch(/internal error| at .*:\d+:\d+/);
  expect(result.code).toBe(2);
}

const bytes = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 7919) >>> 3);
const sparse = file('sparse', '');
truncateSync(sparse, 2 ** 30);
const good = file(
  'good.txt',
  `00:00.0 Host bridge: a bridge\n${Array.from({ length: 4 }, (_, row) => `${row}0: 86 80 ${'00 '.repeat(14)}`).join('\n')}\n`,
);

describe('captures that are none', () => {
  it.each([
    ['empty', file('empty', ''), /was found|no /],
    ['binary', file('binary', bytes), /was found|no /],
    ['1 GiB', sparse, /larger than 256 MiB/],
    ['endless', '/dev/zero', /larger than 256 MiB/],
    ['a folder', folder, /is a folder/],
    ['missing', path.join(folder, 'missing'), /there is no such file/],
  ])('%s', async (_, name, message) => {
    if (name === '/dev/zero' && !existsSync(name)) return;
    await refused(['machines', '--lspci', name], name, message);
    await refused(['machines', '--lspci', good, '--acpi', name], name, message);
    await refused(['machines', '--lspci', good, '--iomem', name], name, message);
  });
});

describe('a DMAR table with lying lengths', () => {
  const table = Buffer.from(preset('q35-lab').dmar ?? '', 'hex');
  const withLength = (at: number, size: 2 | 4, value: number): Buffer => {
    const copy = Buffer.from(table);
    copy.writeUIntLE(value, at, size);
    return copy;
  };
  it.each([
    ['cut short', table.subarray(0, 40)],
    ['longer than its file', withLength(4, 4, table.length + 16)],
    ['a structure of no bytes', withLength(0x32, 2, 0)],
    ['a structure beyond the end', withLength(0x32, 2, 0xffff)],
  ])('%s is used as far as it is sound, and the rest is listed', async (what, content) => {
    const name = file(`${what}.bin`, content);
    const { code, stdout, stderr } = await runInProcess(
      ['machines', '--lspci', good, '--acpi', name, '--format', 'json'],
      200,
    );
    expect([code, stderr]).toEqual([0, '']);
    const { notes } = JSON.parse(stdout) as { notes: { file: string; offset?: number }[] };
    expect(notes.filter((one) => one.file === name && one.offset !== undefined)).not.toEqual([]);
  });

  it('shorter than its own header is refused', async () => {
    const name = file('short.bin', withLength(4, 4, 10));
    await refused(['machines', '--lspci', good, '--acpi', name], name);
  });
});

describe('machine files', () => {
  const changed = (change: (machine: Draft) => void): string => {
    const machine = JSON.parse(JSON.stringify(preset('q35-lab'))) as Draft;
    change(machine);
    return JSON.stringify(machine);
  };
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['empty', '', /not JSON/],
    ['binary', Buffer.from(bytes).toString('latin1'), /not JSON/],
    ['deep', '['.repeat(1e6), /not JSON|is an array/],
    ['deep and closed', '['.repeat(1e5) + ']'.repeat(1e5), /is an array/],
    [
      'no functions',
      changed((one) => {
        one.functions = [];
      }),
      /\/functions/,
    ],
    [
      'a duplicate',
      changed((one) => {
        one.functions.push(one.functions[3] as DraftFunction);
      }),
      /stands here twice/,
    ],
    [
      'a loop of bridges',
      changed((one) => {
        loop(one.functions);
      }),
      /both lead to bus|loop/,
    ],
    [
      'an absurd rate',
      changed((one) => {
        (one.functions[2] as DraftFunction).endpoint.workload.ratePerSecond = 1e12;
      }),
      /ratePerSecond/,
    ],
    [
      'an absurd BAR',
      changed((one) => {
        (one.functions[2] as DraftFunction).barSizes[0] = 2 ** 53;
      }),
      /barSizes/,
    ],
    [
      'a region beyond all memory',
      changed((one) => {
        one.memoryMap.splice(0, 1, { ...one.memoryMap[0], end: 2 ** 53 });
      }),
      /memoryMap/,
    ],
  ];
  it.each(cases)('%s', async (what, content, message) => {
    const name = file(`${what}.json`, content);
    await refused(['machines', name], name, message);
    await refused(['compare', '--machine', name], name, message);
  });
});

/** Every bridge leads to the bus that it stands on. */
function loop(functions: readonly DraftFunction[]): void {
  for (const one of functions) {
    const config = Buffer.from(one.config, 'hex');
    if ((config.readUInt8(0x0e) & 0x7f) !== 1) continue;
    config.writeUInt8(Number.parseInt(one.name.slice(5, 7), 16) || 1, 0x19);
    one.config = config.toString('hex');
  }
}

it('control characters of a capture do not reach the terminal', async () => {
  const name = file('hostile.txt', readFileSync(good, 'utf8').replace('a bridge', 'a \u001b[2Jbridge'));
  const { stdout } = await runInProcess(['machines', '--lspci', name]);
  expect(stdout).not.toContain('\u001b[2J');
});
