import data from './kernel-behaviours.json' with { type: 'json' };

/** Numbers of a kernel's version, `6.1.192` or `3.10`. */
export interface KernelVersion {
  readonly numbers: readonly number[];
  /** A distribution's build, which may hold later fixes: its name has more than a version. */
  readonly isDistribution: boolean;
}

/** Things that kernels of some versions do: names of rows of kernel-behaviours.json. */
export type KernelBehaviour = keyof typeof data.behaviours;

/** Numbers at the start of a release, `5.14.0-427.el9.x86_64`; undefined if there are none. */
export function parseVersion(release: string): KernelVersion | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,4}))?/.exec(release);
  if (match === null) return undefined;
  const numbers = match.slice(1).flatMap((part) => (part === undefined ? [] : [Number(part)]));
  const rest = release.slice(match[0].length);
  return { numbers, isDistribution: /^-\d|[a-z]{2}\d|generic|default|amd64/i.test(rest) };
}

/** Whether kernels of this version do something, by the ranges in kernel-behaviours.json. */
export function behaves(version: KernelVersion, behaviour: KernelBehaviour): boolean {
  return data.behaviours[behaviour].ranges.some(
    ({ from, below }) =>
      compareVersions(version.numbers, numbersOf(from)) >= 0 &&
      compareVersions(version.numbers, numbersOf(below)) < 0,
  );
}

/** What the behaviour is, in words, with its source. */
export function behaviourText(behaviour: KernelBehaviour): string {
  const { says, source } = data.behaviours[behaviour];
  return `${says} (${source})`;
}

function numbersOf(text: string): number[] {
  return text.split('.').map(Number);
}

function compareVersions(left: readonly number[], right: readonly number[]): number {
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
