import { formatSeconds, type Nanoseconds, type Trace, traceKind } from '@quiesce/simulation';

/** A line of a kernel's log. */
export interface LogLine {
  /** Whose log: the first or the second kernel. */
  readonly kernel: 1 | 2;
  /** Virtual time of the machine. */
  readonly at: Nanoseconds;
  /** Time since that kernel booted, as its own stamp says. */
  readonly stamp: Nanoseconds;
  readonly text: string;
}

const logKind = traceKind('kernel-log', ['kernel']);

/** What both kernels print, in one list, as a serial console would show it. */
export class KernelLog {
  readonly lines: LogLine[] = [];
  readonly #trace: Trace;
  readonly #clock: { readonly now: Nanoseconds };
  #kernel: 1 | 2 = 1;
  #bootedAt: Nanoseconds = 0;

  constructor(clock: { readonly now: Nanoseconds }, trace: Trace) {
    this.#clock = clock;
    this.#trace = trace;
  }

  /** The second kernel begins to print; its stamps start at 0 now. */
  beginSecondKernel(): void {
    this.#kernel = 2;
    this.#bootedAt = this.#clock.now;
  }

  print(text: string): void {
    const at = this.#clock.now;
    this.lines.push({ kernel: this.#kernel, at, stamp: at - this.#bootedAt, text });
    this.#trace.record(logKind, at, this.#kernel, 0, 0, 0, 0, 0, text);
  }
}

/** `[    1.503892] text`, and continuation lines without a stamp as a console prints them. */
export function formatLogLine(line: LogLine): string {
  const stamp = `[${formatSeconds(line.stamp).padStart(12)}] `;
  return line.text
    .split('\n')
    .map((part, index) => (index === 0 ? stamp + part : part))
    .join('\n');
}
