import type { Phase } from '../phases.ts';

/** What every hook is given. */
export interface PhaseContext<Options> {
  readonly phase: Phase;
  /** The strategy's options after its schema has seen them. */
  readonly options: Options;
  /** Kernel parameters of the second kernel, e.g. `reset_devices`. */
  readonly commandLine: { has(parameter: string): boolean };
  /** A line into the running kernel's log. */
  log(line: string): void;
  /** Busy-waits; the hardware runs on. `ms` may have a fraction. */
  delay(ms: number): void;
}
