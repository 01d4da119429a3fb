import { versionOfBanner } from '../kernel-facts/banner-version.ts';
import type { Stated } from './host-facts.ts';
import type { FactText } from './section-reader.ts';

/** `Linux version 6.1.0-18-amd64 (…` of /proc/version; `Linux host 6.1.0-18-amd64 #1 SMP …` of uname -a; a bare release. */
const shapes: readonly RegExp[] = [
  /^Linux version (\S{1,120})/,
  /^Linux \S{1,253} (\d\S{0,119}) #/,
  /^(\d+\.\d+\S{0,119})$/,
];

/** Kernel releases that small files of a capture state, in the order of the files. */
export function kernelReleases(texts: readonly FactText[]): Stated<string>[] {
  return banners(texts).map(({ release, file, line }) => ({ value: release, file, line }));
}

/** The version of kernel.org that a banner with this release adds to it. */
export function kernelVersionOf(texts: readonly FactText[], release: string): Stated<string> | undefined {
  for (const { release: own, text, file, line } of banners(texts)) {
    const value = own === release ? versionOfBanner(text) : undefined;
    if (value !== undefined) return { value, file, line };
  }
  return undefined;
}

interface Banner {
  readonly release: string;
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

function banners(texts: readonly FactText[]): Banner[] {
  const found: Banner[] = [];
  for (const one of texts) {
    if (one.kind !== 'kernel-version') continue;
    for (const [index, raw] of one.text.slice(0, 4096).split('\n').entries()) {
      const line = raw.trim();
      const release = shapes.map((shape) => shape.exec(line)?.[1]).find((match) => match !== undefined);
      if (release === undefined) continue;
      found.push({ release, text: line, file: one.file, line: one.line + index });
      break;
    }
  }
  return found;
}
