import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MemoryReader } from '@quiesce/simulation';
import { describe, expect, test } from 'vitest';
import { contextEntry } from '../tables/context-entry.ts';
import { UnitFixture } from '../testing/unit-fixture.ts';
import { walkLegacy } from './walk-legacy.ts';

/** Captured from a real kernel's tables; it lies beside the repository where it is at all. */
const captured = fileURLToPath(new URL('../../../../../shared/ground-truth/', import.meta.url));
const there = existsSync(captured);

/** Pages of the machine's memory; all ones where none was kept. */
class CapturedPages implements MemoryReader {
  readonly #pages = new Map<number, DataView>();

  constructor(folder: string) {
    for (const name of readdirSync(folder)) {
      const frame = /^mem-([0-9a-f]+)\.bin$/.exec(name)?.[1];
      if (frame === undefined) continue;
      const bytes = readFileSync(`${folder}/${name}`);
      this.#pages.set(Number.parseInt(frame, 16) / 4096, new DataView(bytes.buffer, bytes.byteOffset));
    }
  }

  read32(address: number): number {
    const page = this.#pages.get(Math.floor(address / 4096));
    return page === undefined ? 0xffff_ffff : page.getUint32(address % 4096, true);
  }
}

interface ExpectedWalk {
  readonly device: string;
  readonly requesterId: number;
  readonly context: { readonly low: number; readonly high: number; readonly domainId: number };
  readonly iova: number;
  readonly physical: number;
  readonly steps: { level: number; table: number; index: number; pte: number }[];
}

function expectedWalks(): { rootTable: number; walks: ExpectedWalk[]; unmapped: ExpectedWalk } {
  const lines = readFileSync(`${captured}/vtd-walk.txt`, 'utf8').split('\n');
  const rootTable = Number((/"RTADDR":"(0x[0-9a-f]+)"/.exec(lines[0] as string) as RegExpExecArray)[1]);
  const walks: ExpectedWalk[] = [];
  let device: Omit<ExpectedWalk, 'iova' | 'physical' | 'steps'> | undefined;
  let unmapped: ExpectedWalk | undefined;
  const levelOf = (line: string) => {
    const m = /L(\d) table=(0x[0-9a-f]+) idx=(\d+) pte=(0x[0-9a-f]+)/.exec(line);
    return m === null
      ? undefined
      : { level: Number(m[1]), table: Number(m[2]), index: Number(m[3]), pte: Number(m[4]) };
  };
  for (const line of lines) {
    const head = /^(\w+):(\w+)\.(\d): root\[\d+\]=\S+ ctx lo=(\S+) hi=(\S+) .* did=(\d+)/.exec(line);
    const walk = /iova=(0x[0-9a-f]+) -> gpa=(0x[0-9a-f]+)/.exec(line);
    const missing = /^unmapped iova (0x[0-9a-f]+) of (\S+) /.exec(line);
    if (head !== null) {
      const [, bus, slot, fn, low, high, did] = head as unknown as string[];
      device = {
        device: `${bus}:${slot}.${fn}`,
        requesterId:
          (Number.parseInt(bus as string, 16) << 8) | (Number.parseInt(slot as string, 16) << 3) | Number(fn),
        context: { low: Number(low), high: Number(high), domainId: Number(did) },
      };
    } else if (walk !== null && device !== undefined) {
      walks.push({ ...device, iova: Number(walk[1]), physical: Number(walk[2]), steps: [] });
    } else if (missing !== null) {
      const of = walks.find((one) => one.device === missing[2]) as ExpectedWalk;
      const step = levelOf(line);
      unmapped = { ...of, iova: Number(missing[1]), physical: 0, steps: step === undefined ? [] : [step] };
    } else {
      const step = levelOf(line);
      if (step !== undefined) walks.at(-1)?.steps.push(step);
    }
  }
  return { rootTable, walks, unmapped: unmapped as ExpectedWalk };
}

describe.skipIf(!there)('tables of a real kernel (skipped where the captures are absent)', () => {
  const { rootTable, walks, unmapped } = there
    ? expectedWalks()
    : { rootTable: 0, walks: [], unmapped: undefined as never };
  const memory = there ? new CapturedPages(`${captured}/vtd-pages`) : (undefined as never);

  test('there is something to compare with', () => {
    expect(walks.length).toBeGreaterThanOrEqual(13);
    expect(walks.every((walk) => walk.steps.length === 3)).toBe(true);
  });

  test.each(walks.map((walk) => [walk.device, walk.iova, walk] as const))('%s, %i', (_device, iova, walk) => {
    const result = walkLegacy(memory, rootTable, walk.requesterId, iova);
    expect(result).toMatchObject({
      present: true,
      physical: walk.physical,
      read: true,
      write: true,
      reason: 0,
      domainId: walk.context.domainId,
    });
    expect(result.steps[1]).toMatchObject({ level: 'context', entryLow: walk.context.low });
    expect(memory.read32((result.steps[1]?.address as number) + 8)).toBe(walk.context.high);
    expect(
      result.steps.slice(2).map(({ level, table, index, entryLow, entryHigh }) => ({
        level,
        table,
        index,
        pte: entryHigh * 2 ** 32 + entryLow,
      })),
    ).toEqual(walk.steps);
  });

  test('an address that is not mapped stops at the level that says so', () => {
    const result = walkLegacy(memory, rootTable, unmapped.requesterId, unmapped.iova);
    expect(result).toMatchObject({ present: false, reason: 6 });
    const last = result.steps.at(-1);
    expect({ level: last?.level, table: last?.table, index: last?.index, pte: last?.entryLow }).toEqual(
      unmapped.steps[0],
    );
  });

  test('the unit goes the same way', () => {
    const fixture = new UnitFixture({
      memory: { read32: (address) => memory.read32(address), write32: () => {} },
      accessFails: () => true,
      capability: { low: 0x2226_0206, high: 0x00d2_008c },
      extendedCapability: { low: 0x00f0_0f4a, high: 0 },
    });
    fixture.setRoot(rootTable);
    fixture.enable(0x8000_0000);
    for (const walk of walks) {
      expect(fixture.dma(walk.requesterId, walk.iova).address).toBe(walk.physical);
    }
    expect(fixture.dma(unmapped.requesterId, unmapped.iova).reason).toBe(6);
  });
});

describe('the walker alone', () => {
  test('shows each entry, and stops where the tables end', () => {
    const fixture = new UnitFixture();
    const root = fixture.rootTable();
    const table = fixture.pageTable(4);
    table.map(0x4000_0000, 0x1000_0000, 0x20_0000, { read: true, write: false, largestLevel: 2 });
    root.setContext(0x100, contextEntry({ pageTable: table.root, domainId: 3 }));
    expect(walkLegacy(fixture.memory, root.address, 0x100, 0x4012_3456)).toMatchObject({
      present: true,
      physical: 0x1012_3456,
      pageBytes: 0x20_0000,
      read: true,
      write: false,
      steps: [
        { level: 'root', index: 1 },
        { level: 'context', index: 0 },
        { level: 4 },
        { level: 3 },
        { level: 2 },
      ],
    });
    expect(walkLegacy(fixture.memory, root.address, 0x200, 0).reason).toBe(1);
    expect(walkLegacy(fixture.memory, root.address, 0x101, 0).reason).toBe(2);
    expect(walkLegacy(fixture.memory, root.address, 0x100, 2 ** 48).reason).toBe(4);
    expect(walkLegacy(fixture.memory, 0x4000_0000, 0x100, 0).reason).toBe(8);
    expect(walkLegacy(fixture.memory, root.address, 0x100, 0, { levels: 6 }).reason).toBe(3);
  });
});
