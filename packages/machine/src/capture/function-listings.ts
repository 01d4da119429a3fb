import type { CaptureConflict } from './imported-capture.ts';
import type { RankedFunction } from './merge-functions.ts';

/** Most functions that one conflict names. */
const NAMED = 8;
const MAX_CONFLICTS = 50;

/** Functions of the sources that are used, and listings that disagree. */
export interface AgreedFunctions {
  readonly functions: readonly RankedFunction[];
  readonly conflicts: readonly CaptureConflict[];
}

/** All functions that one file lists. */
interface Listing {
  readonly file: string;
  readonly rank: RankedFunction['rank'];
  readonly members: Map<string, RankedFunction>;
}

/**
 * Compares which functions each source lists. A source that has 00:00.0 lists all of them (`lspci -s` and `-d` leave out the host
 * bridge). Where there is one, functions that stand in a boot log alone are not used: they were hidden or removed later, or
 * are of another time.
 */
export function agreeOnFunctions(all: readonly RankedFunction[]): AgreedFunctions {
  const listings = listingsOf(all);
  const complete = listings.filter(isComplete);
  const first = complete.find(({ rank }) => rank !== 'boot-log');
  const conflicts: CaptureConflict[] = [];
  const dropped = new Set<RankedFunction>();
  for (const other of complete) {
    if (first === undefined || other === first) continue;
    const more = lacking(other, first);
    const fewer = lacking(first, other);
    const isLog = other.rank === 'boot-log';
    if (isLog) for (const one of more) dropped.add(one);
    if (conflicts.length >= MAX_CONFLICTS) continue;
    if (more.length > 0) {
      const reason = isLog ? 'a boot log is of another time' : 'each function that any of them lists';
      conflicts.push(conflictOf(first, other, more, isLog ? first : other, reason));
    }
    if (fewer.length > 0) {
      conflicts.push(conflictOf(other, first, fewer, first, 'each function that any of them lists'));
    }
  }
  return { functions: all.filter((one) => !dropped.has(one)), conflicts };
}

function listingsOf(all: readonly RankedFunction[]): Listing[] {
  const byFile = new Map<string, Listing>();
  for (const one of all) {
    // Each function of a tree of /sys has a file of its own.
    const file = one.rank === 'sysfs' ? 'sys' : one.listed.file;
    const key = `${one.rank} ${file}`;
    let listing = byFile.get(key);
    if (listing === undefined) {
      listing = { file: one.listed.file, rank: one.rank, members: new Map() };
      byFile.set(key, listing);
    }
    if (!listing.members.has(one.listed.name)) listing.members.set(one.listed.name, one);
  }
  return [...byFile.values()];
}

function isComplete({ members }: Listing): boolean {
  return members.has('0000:00:00.0') && members.size > 1;
}

function lacking(of: Listing, from: Listing): RankedFunction[] {
  return [...of.members.values()].filter((one) => !from.members.has(one.listed.name));
}

function conflictOf(
  without: Listing,
  having: Listing,
  functions: readonly RankedFunction[],
  used: Listing,
  reason: string,
): CaptureConflict {
  const names = functions.slice(0, NAMED).map((one) => one.listed.name);
  const more = functions.length > NAMED ? ` and ${functions.length - NAMED} more` : '';
  const list = `${names.join(', ')}${more}`;
  const line = functions[0]?.listed.line;
  return {
    what: '/functions',
    said: [
      { value: `has ${list}`, file: having.file, ...(line === undefined ? {} : { line }) },
      { value: `lists ${without.members.size} functions, these not`, file: without.file },
    ],
    used: used === having ? `with ${list}` : `without ${list}`,
    reason,
  };
}
