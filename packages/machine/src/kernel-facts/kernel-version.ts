/** Numbers of a kernel's version, as far as a release names them: `6.1.0-55-amd64` has 6, 1, 0. */
export type KernelVersion = readonly number[];

/** The numbers at the beginning of a release; undefined if it does not begin with two of them. */
export function parseKernelVersion(release: string): KernelVersion | undefined {
  const match = /^(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(release.trim());
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Less than 0 if `a` is older. Missing numbers are 0; the first three count. */
export function compareKernelVersions(a: KernelVersion, b: KernelVersion): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Versions from one on, up to one that is no longer among them: `4.9.1`; `0` and `9999` where there is no end. */
export interface VersionRange {
  readonly from: string;
  readonly before: string;
}

/** `from` <= version < `before`. */
export function isKernelWithin(version: KernelVersion, { from, before }: VersionRange): boolean {
  return (
    compareKernelVersions(version, boundOf(from)) >= 0 && compareKernelVersions(version, boundOf(before)) < 0
  );
}

/** A range in words: `before 4.2`, `6.0 to before 6.1.188`, `5.3 and later`. */
export function rangeName({ from, before }: VersionRange): string {
  if (from === '0') return before === '9999' ? 'every version' : `before ${before}`;
  return before === '9999' ? `${from} and later` : `${from} to before ${before}`;
}

function boundOf(text: string): KernelVersion {
  return text.split('.').map(Number);
}
