const PAGE = 4096;
const LIMIT = 2 ** 32;

/** I/O virtual addresses, `end` exclusive. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What the second kernel must not hand out, of a table whose window lies below 4 GiB: outside of the window everything,
 * within it what is mapped, except for its top if fewer than `minimumFree` entries are free.
 */
export function busyRanges(
  mapped: readonly AddressRange[],
  options: { readonly minimumFree: number; readonly windowPages: number },
): { readonly reserved: readonly AddressRange[]; readonly takenPages: number } {
  const windowStart = LIMIT - options.windowPages * PAGE;
  const inWindow = mapped
    .map(({ start, end }) => ({ start: Math.max(start, windowStart), end: Math.min(end, LIMIT) }))
    .filter(({ start, end }) => end > start);
  const used = pagesOf(inWindow);
  const before = windowStart > 0 ? [{ start: 0, end: windowStart }] : [];
  if (options.windowPages - used >= options.minimumFree) {
    return { reserved: [...before, ...inWindow], takenPages: 0 };
  }
  const top = Math.max(windowStart, LIMIT - options.minimumFree * PAGE);
  const left = inWindow
    .map(({ start, end }) => ({ start, end: Math.min(end, top) }))
    .filter(({ start, end }) => end > start);
  return { reserved: [...before, ...left], takenPages: used - pagesOf(left) };
}

function pagesOf(ranges: readonly AddressRange[]): number {
  let pages = 0;
  for (const { start, end } of ranges) pages += (end - start) / PAGE;
  return pages;
}
