import type { Inference } from '../description/machine.ts';

/** What an import had to assume. */
export class InferenceList {
  readonly all: Inference[] = [];

  add(path: string, value: string | number, reason: string): void {
    this.all.push({ path, value: String(value), reason });
  }
}

/** `0x…`, as addresses and sizes are written in inferences and notes. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
