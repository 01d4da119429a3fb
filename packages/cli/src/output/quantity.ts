/** `1234567` as `1.2M`: at most five characters. */
export function shortCount(value: number): string {
  if (value < 1000) return String(Math.round(value));
  for (const [unit, name] of [
    [1e3, 'k'],
    [1e6, 'M'],
    [1e9, 'G'],
  ] as const) {
    const scaled = value / unit;
    if (scaled < 1000) return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)}${name}`;
  }
  return value.toExponential(0);
}

/** Bytes with a binary unit. */
export function shortBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  for (const [unit, name] of [
    [2 ** 10, 'KiB'],
    [2 ** 20, 'MiB'],
    [2 ** 30, 'GiB'],
  ] as const) {
    const scaled = bytes / unit;
    if (scaled < 1024) return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${name}`;
  }
  return `${(bytes / 2 ** 40).toFixed(1)} TiB`;
}

/** Milliseconds as `500 ms` or `8.1 s`. */
export function shortTime(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `1 value`, `2 values`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
