import type { HostFacts, Mount } from '@quiesce/machine';

/** File systems of a host. */
export class MountTable {
  readonly #mounts: readonly Mount[];

  constructor({ mounts = [] }: HostFacts) {
    this.#mounts = mounts.filter(({ type }) => type !== 'autofs');
  }

  get isEmpty(): boolean {
    return this.#mounts.length === 0;
  }

  /** The file system that holds a path: that of the longest mount point; what is mounted goes before what is to be. */
  of(path: string): Mount | undefined {
    return this.#longest(path, false) ?? this.#longest(path, true);
  }

  /** A line of `/etc/fstab` that names a device in this way. */
  configuredAs(source: string): Mount | undefined {
    return this.#mounts.find((one) => one.configured && one.source.value.replaceAll('"', '') === source);
  }

  /** What is mounted at a point now. */
  at(point: string): Mount | undefined {
    return this.#mounts.findLast((one) => !one.configured && one.point === point);
  }

  #longest(path: string, configured: boolean): Mount | undefined {
    const wanted = `${plainPath(path)}/`;
    let best: Mount | undefined;
    for (const one of this.#mounts) {
      if (one.configured !== configured) continue;
      const point = one.point === '/' ? '/' : `${one.point}/`;
      if (!wanted.startsWith(point) && point !== '/') continue;
      // Of the same point, the last one hides those before it.
      if (best === undefined || one.point.length >= best.point.length) best = one;
    }
    return best;
  }
}

/** Without doubled slashes, `.` and `..`, and without one at the end. */
function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.slice(0, 4096).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.length === 0 ? '' : `/${parts.join('/')}`;
}
