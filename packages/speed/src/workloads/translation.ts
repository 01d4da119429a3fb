import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DmaRequest, newTranslationOutcome } from '@quiesce/simulation';
import { compilePeer } from '../harness/compile-peer.ts';
import { type OwnWork, ownSide } from '../harness/own-side.ts';
import { programSide } from '../harness/program-side.ts';
import { scratchFolder } from '../harness/scratch-folder.ts';
import type { MissingSide, Race, Side } from '../harness/side.ts';
import { type TableShape, type TranslationTables, translationTables } from './translation-tables.ts';

/** More requesters than the context cache holds, and more pages than the IO-TLB does. */
const WALKS: TableShape = { requesters: 2048, pages: 4 };
/** As many as both hold. */
const HITS: TableShape = { requesters: 16, pages: 64 };
/** So many that a run takes long beside reading the clock. */
const HIT_PASSES = 64;

/** Walks with nothing in the unit's caches. */
export async function tableWalk(): Promise<Race> {
  const tables = translationTables(WALKS);
  return {
    kind: 'race',
    id: 'walk',
    title: 'translation of a request with cold caches: a walk of four levels',
    work:
      '8,192 requests in random order: 2,048 requesters with 4 pages each, so that neither the context cache nor the ' +
      'IO-TLB still holds what comes again. Each reads its root entry, context entry and four page-table entries with all ' +
      'checks, and replaces an entry in both caches. The program in C has the same tables in one array.',
    unit: 'translations',
    own: ownSide(translate(tables, 1)),
    rivals: [{ side: await inC(tables, 1), atLeast: 0.25 }],
  };
}

/** Requests that the unit's caches answer. */
export async function tlbHit(): Promise<Race> {
  const tables = translationTables(HITS);
  return {
    kind: 'race',
    id: 'iotlb',
    title: 'translation of a request that the IO-TLB holds',
    work:
      '1,024 requests in random order, 64 times: 16 requesters with 64 pages each, all in the context cache and the IO-TLB. The program ' +
      'in C has the same two caches of the same size.',
    unit: 'translations',
    own: ownSide(translate(tables, HIT_PASSES)),
    rivals: [{ side: await inC(tables, HIT_PASSES), atLeast: 0.5 }],
  };
}

/** In a run only the addresses are folded, which costs next to nothing; everything else is checked once before. */
function translate(tables: TranslationTables, passes: number): OwnWork {
  const { unit, requests } = tables;
  const outcome = newTranslationOutcome();
  const details = detailsOf(tables);
  return {
    run: () => {
      let addresses = 0;
      for (let pass = 0; pass < passes; pass++) {
        for (let i = 0; i < requests.length; i++) {
          unit.translate(requests[i] as DmaRequest, outcome);
          addresses = (Math.imul(addresses, 31) + (outcome.address | 0)) | 0;
        }
      }
      return { operations: requests.length * passes, check: `${addresses >>> 0} ${details}` };
    },
  };
}

/** Deciding entries and reach of every answer, and how many of the requests needed a walk when they came again. */
function detailsOf({ unit, requests }: TranslationTables): string {
  const outcome = newTranslationOutcome();
  let check = 0;
  let walks = 0;
  for (const pass of ['fill', 'count']) {
    for (const request of requests) {
      unit.translate(request, outcome);
      if (!outcome.allowed) throw new Error(`a request was refused: reason ${outcome.reason}`);
      if (pass === 'fill') continue;
      // A request that the IO-TLB answers changes nothing in the unit.
      if (!outcome.steady) walks++;
      check = (Math.imul(check, 31) + (outcome.entryAddress | 0) + outcome.validFor) >>> 0;
    }
  }
  return `${check} ${walks}`;
}

async function inC(tables: TranslationTables, passes: number): Promise<Side | MissingSide> {
  const name = 'C, gcc -O2';
  const compiled = await compilePeer('gcc', 'translate.c');
  if (compiled.missing !== undefined) return { name, missing: compiled.missing };
  const folder = mkdtempSync(join(scratchFolder, 'tables-'));
  const image = join(folder, 'tables');
  const list = join(folder, 'requests');
  writeFileSync(image, tableImage(tables));
  writeFileSync(list, requestList(tables));
  return programSide(name, compiled.program, [image, list, tables.rootTable.toString(16), String(passes)]);
}

function tableImage({ memory, start, end }: TranslationTables): Uint8Array {
  const image = new Uint8Array(8 + end - start);
  new DataView(image.buffer).setBigUint64(0, BigInt(start), true);
  image.set(memory.readBytes(start, end - start), 8);
  return image;
}

function requestList({ requests }: TranslationTables): Uint8Array {
  const list = new Uint8Array(16 * requests.length);
  const view = new DataView(list.buffer);
  requests.forEach(({ address, requesterId, write }, i) => {
    view.setBigUint64(16 * i, BigInt(address), true);
    view.setUint32(16 * i + 8, requesterId, true);
    view.setUint32(16 * i + 12, write ? 1 : 0, true);
  });
  return list;
}
