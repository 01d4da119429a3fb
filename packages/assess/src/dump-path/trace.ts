import type { Stated } from '@quiesce/machine';
import type { Evidence } from '@quiesce/report';
import { sourceOf } from '../functions/evidence.ts';

const MOST_STEPS = 60;
const MOST_FUNCTIONS = 32;
/** Devices that are looked at on the way: a volume over all disks of a large server has hundreds. */
export const MOST_DEVICES = 2000;

/** How a destination was followed to functions: each step with its source, and what had to be assumed. */
export class Trace {
  readonly steps: Evidence[] = [];
  readonly assumed: string[] = [];
  readonly functions: string[] = [];
  /** What the way leads through that is no disk: `LVM`, `CRYPT`, `raid1`, `bond0`. */
  readonly layers: Set<string> = new Set();
  /** A disk on the way is one of another machine. */
  comesOverNetwork = false;
  #untold = 0;

  step(place: Pick<Stated<unknown>, 'file' | 'line'>, text: string): void {
    if (this.steps.length < MOST_STEPS) this.steps.push({ source: sourceOf(place), text });
    else this.#untold++;
  }

  reached(name: string): void {
    if (!this.functions.includes(name) && this.functions.length < MOST_FUNCTIONS) this.functions.push(name);
  }

  /** All steps, and how many are left out. */
  all(): Evidence[] {
    if (this.#untold === 0) return this.steps;
    return [...this.steps, { source: 'sys', text: `and ${this.#untold} steps more` }];
  }
}
