/** Numbers of a kernel's version, as far as a release names them: `6.1.0-55-amd64` has 6, 1, 0. */
export type KernelVersion = readonly number[];

/** The numbers at the beginning of a release; undefined if it does not begin with two of them. */
export function parseKernelVersion(release: string): KernelVersion | undefined {
  const match = /^(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(release.trim());
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Less than 0 if `a` is older. Missing numbers are 0. */
export function compareVersions(a: KernelVersion, b: KernelVersion): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `from` <= version < `before`, both as in the data: `4.9.1`, `0`, `9999`. */
export function isWithin(version: KernelVersion, from: string, before: string): boolean {
  return compareVersions(version, bound(from)) >= 0 && compareVersions(version, bound(before)) < 0;
}

function bound(text: string): KernelVersion {
  return text.split('.').map(Number);
}
