import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';
import {
  type Carrier,
  carrierOfPstore,
  carriersAround,
  carriersInstead,
  carriersWithoutTime,
} from './carriers.ts';

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));
const present = existsSync(shared);
const skip = present ? '' : ': the captures are not beside the repository';

const linesOf = (path: string): string[] =>
  readFileSync(`${shared}${path}`, 'utf8')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);

/** What must be the same whatever carried the log. */
function essence(log: string | Uint8Array, withTimes: boolean): object {
  const { verdict, faults, kernels, causes, events } = diagnoseText(log, { file: 'log' });
  const told = faults.first.map(
    ({ architecture, kind, operation, requester, address, index, reason, kernel }) =>
      JSON.stringify({ architecture, kind, operation, requester, address, index, reason, kernel }),
  );
  return {
    verdict,
    faults: told.sort(),
    counts: [faults.dma, faults.interrupt, faults.suppressed],
    kernels: kernels.map(({ role, release, dmaTables, interruptTables }) => [
      role,
      release,
      dmaTables,
      interruptTables,
    ]),
    phases: withTimes ? faults.groups.map((group) => group.phase).sort() : [],
    events: events.map((event) => event.kind).sort(),
    cause: causes[0]?.id,
  };
}

const consoles = [
  'console-b-both-kernels.log',
  'console-stale-msi-panic.log',
  'dmesg-second-a-copied-tables.txt',
  'dmesg-second-b-no-copy.txt',
].map((file) => `ground-truth/${file}`);
const oneKernel = consoles.slice(1).filter((file) => file.includes('dmesg'));
const mails = present
  ? readdirSync(`${shared}real-captures/logs`).map((file) => `real-captures/logs/${file}`)
  : [];

const asItIs = new Map<string, object>();

function expected(file: string, lines: readonly string[], withTimes: boolean): object {
  const key = `${file} ${withTimes}`;
  const known = asItIs.get(key) ?? essence(lines.join('\n'), withTimes);
  asItIs.set(key, known);
  return known;
}

function sameIn(
  carriers: Readonly<Record<string, Carrier>>,
  files: readonly string[],
  withTimes = true,
): void {
  it.each(Object.entries(carriers))('%s', (_, carrier) => {
    for (const file of files) {
      const lines = linesOf(file);
      expect(essence(carrier(lines), withTimes), file).toEqual(expected(file, lines, withTimes));
    }
  });
}

describe.skipIf(!present)(`whatever a log came in, it says the same${skip}`, () => {
  describe('around each line', () => sameIn(carriersAround, [...consoles.slice(0, 2), ...mails]));
  describe('with the time in another form', () => sameIn(carriersInstead, consoles));
  describe('without a time since boot', () => sameIn(carriersWithoutTime, consoles, false));
  it('may change within a file, where one part ends and another begins', () => {
    const lines = linesOf('ground-truth/dmesg-second-b-no-copy.txt');
    const once = diagnoseText(lines.join('\n'), { file: 'log' }).faults;
    expect(once.dma).toBeGreaterThan(0);
    const carriers = Object.entries(carriersInstead);
    const parts = carriers.map(([, carrier]) => {
      const part = carrier(lines);
      return typeof part === 'string' ? part : new TextDecoder().decode(part);
    });
    const { faults, kernels, notes } = diagnoseText(`a bug report\n${parts.join('\n\nthe next part\n')}`, {
      file: 'log',
    });
    expect([faults.dma, kernels.length, notes]).toEqual([once.dma * carriers.length, carriers.length, []]);
  });

  describe('latest part first', () => sameIn({ pstore: carrierOfPstore }, oneKernel));
});
