import type { Stated } from '@quiesce/machine';
import type { Evidence, Severity } from '@quiesce/report';
import type { ByteOrigin } from './known-bytes.ts';
import type { ViewedFunction } from './machine-view.ts';

/** One thing that is said of a function, and what it rests on. */
export interface Statement {
  /** What it is about, for machines: `bus-master`, `unit`, `reset`, … */
  readonly topic: string;
  readonly severity: Severity;
  readonly text: string;
  readonly evidence: readonly Evidence[];
}

const originText: Readonly<Record<ByteOrigin, string>> = {
  captured: '',
  rebuilt: ' (rebuilt from words of lspci)',
  unknown: ' (the capture lacks these bytes)',
};

/** Bytes of a function's config space, as captured. */
export function configBytes(one: ViewedFunction, offset: number, size: 1 | 2 | 4, says: string): Evidence {
  const value =
    size === 1 ? one.config.u8(offset) : size === 2 ? one.config.u16(offset) : one.config.u32(offset);
  return {
    source: `config ${one.name} +0x${offset.toString(16).padStart(2, '0')}`,
    text: `0x${value.toString(16).padStart(size * 2, '0')}: ${says}${originText[one.origin(offset)]}`,
  };
}

/** Where something stands in the DMAR table. */
export function dmarBytes(offset: number | undefined, says: string): Evidence {
  return { source: offset === undefined ? 'DMAR' : `DMAR +0x${offset.toString(16)}`, text: says };
}

/** A clause of a specification, or what a kernel does. */
export function rule(source: string, text: string): Evidence {
  return { source, text };
}

/** Where a source says it: `etc/kdump.conf line 4`. */
export function sourceOf({ file, line }: Pick<Stated<unknown>, 'file' | 'line'>): string {
  return line === undefined ? file : `${file} line ${line}`;
}
