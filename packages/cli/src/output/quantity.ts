/** `1234567` as `1.2M`: at most five characters up to 1e15. */
export function shortCount(value: number): string {
  return scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P', 'E']);
}

/** Bytes with a binary unit. */
export function shortBytes(bytes: number): string {
  return scaled(bytes, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB', ' EiB']);
}

/** Milliseconds as `500 ms` or `8.1 s`. */
export function shortTime(ms: number): string {
  return Math.round(ms) < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `1 value`, `2 values`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Two digits at least, in the smallest unit of which there are fewer than `step`. */
function scaled(value: number, step: number, units: readonly string[]): string {
  let rest = value;
  let index = 0;
  while (Math.round(rest) >= step && index < units.length - 1) {
    rest /= step;
    index++;
  }
  const isSmall = index > 0 && rest < 9.95;
  return `${isSmall ? rest.toFixed(1) : Math.round(rest)}${units[index]}`;
}
