import { newDmaRequest, newTranslationOutcome } from '@quiesce/simulation';
import { contextEntry } from '../src/tables/context-entry.ts';
import { UnitFixture } from '../src/testing/unit-fixture.ts';

/**
 * Nanoseconds per request of the unit: IO-TLB hits, and 4-level walks (one page per request, the IO-TLB emptied before
 * each round). Run: `node --conditions=@quiesce/source bench/translate.ts` on a Node that strips types.
 */
const pages = 2048;
const base = 0xf000_0000;
const fixture = new UnitFixture();
const root = fixture.rootTable();
const table = fixture.pageTable(4);
for (let i = 0; i < pages; i++) {
  table.map(base + i * 4096, 0x1000_0000 + ((i * 7) % pages) * 4096, 4096, { read: true, write: true });
}
root.setContext(0x100, contextEntry({ pageTable: table.root, domainId: 5 }));
fixture.setRoot(root.address);
fixture.enable(0x8000_0000);

const request = { ...newDmaRequest(), requesterId: 0x100 };
const outcome = newTranslationOutcome();

function pass(): number {
  let sum = 0;
  for (let i = 0; i < pages; i++) {
    request.address = base + i * 4096 + (i & 0xff8);
    fixture.unit.translate(request, outcome);
    sum += outcome.address;
  }
  return sum;
}

function measure(name: string, rounds: number, before: () => void): void {
  const samples: number[] = [];
  let sum = 0;
  for (let i = 0; i < rounds; i++) {
    before();
    const start = performance.now();
    sum = pass();
    samples.push(((performance.now() - start) * 1e6) / pages);
  }
  samples.sort((a, b) => a - b);
  console.log(`${name}: ${(samples[samples.length >> 1] as number).toFixed(1)} ns, checksum ${sum}`);
}

const empty = (): void => {
  fixture.unit.writeWide(0x308, 0, 0x9000_0000);
};
measure('4-level walk', 3000, empty);
measure('IO-TLB hit', 3000, () => {});
measure('4-level walk', 3000, empty);
