import { ADDRESS_LIMIT } from '@quiesce/simulation';
import type { LoggedResource } from './boot-record.ts';

const RANGE = /^\[(mem|io) {1,2}0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})((?: [a-z0-9]{2,10}){0,4})\]/;
/** Not assigned: `[mem size 0x00001000 64bit]`. */
const SIZE = /^\[(mem|io) {1,2}size 0x([0-9a-f]{1,16})((?: [a-z0-9]{2,10}){0,4})\]/;
/** 2.6.2x: the words stand before the brackets; what kind it is follows from them. */
const BARE = /^\[0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})\]/;

/**
 * A resource as `%pR` prints it: `[mem 0xf4400000-0xf47fffff 64bit pref]`. Undefined if it is none or cannot be.
 * @param before what an old kernel put before the brackets: `64bit mmio pref`, `io port`
 */
export function parseLoggedResource(text: string, line: number, before = ''): LoggedResource | undefined {
  const size = SIZE.exec(text);
  if (size !== null) {
    const bytes = Number.parseInt(size[2] as string, 16);
    return bytes >= ADDRESS_LIMIT ? undefined : { ...flags(size[1], size[3]), bytes, line };
  }
  const range = RANGE.exec(text);
  const bare = range === null ? BARE.exec(text) : null;
  const base = Number.parseInt((range?.[2] ?? bare?.[1]) as string, 16);
  const limit = Number.parseInt((range?.[3] ?? bare?.[2]) as string, 16);
  // A comparison with what is no number fails.
  if (!(limit >= base) || limit >= ADDRESS_LIMIT) return undefined;
  const kind = range?.[1] ?? (before.startsWith('io') ? 'io' : 'mem');
  return { ...flags(kind, range?.[4] ?? before), base, bytes: limit - base + 1, line };
}

function flags(
  kind: string | undefined,
  words: string | undefined,
): Pick<LoggedResource, 'kind' | 'is64' | 'prefetchable'> {
  return {
    kind: kind === 'io' ? 'io' : 'memory',
    is64: (words as string).includes('64bit'),
    prefetchable: (words as string).includes(' pref'),
  };
}
