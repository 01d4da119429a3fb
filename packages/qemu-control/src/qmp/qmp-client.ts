import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { PATIENCE_MS, withDeadline } from '../process/deadline.ts';
import { LineSplitter } from '../process/line-splitter.ts';
import { QemuError } from '../process/qemu-error.ts';

/** One event of QEMU's machine protocol. */
export interface QmpEvent {
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

interface Answer extends Partial<QmpEvent> {
  readonly QMP?: unknown;
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** QEMU's machine protocol: JSON, one command or event a line (QEMU, docs/interop/qmp-spec). */
export class QmpClient {
  readonly #stream: Duplex;
  readonly #waiting = new Map<number, Waiting>();
  readonly #events = new EventEmitter();
  #next = 1;
  #greeted: () => void = () => {};
  readonly #greeting = new Promise<void>((resolve) => {
    this.#greeted = resolve;
  });

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#events.setMaxListeners(0);
    const lines = new LineSplitter((line) => this.#take(line));
    stream.on('data', (chunk: Buffer) => lines.push(chunk));
    stream.on('error', () => {});
  }

  /** Waits for the greeting and leaves capability negotiation. */
  async negotiate(): Promise<void> {
    await withDeadline(this.#greeting, PATIENCE_MS, "QMP's greeting");
    await this.execute('qmp_capabilities');
  }

  /**
   * @param ms time-out of the answer
   * @throws QemuError `QMP_REFUSED` with QEMU's own words, `QEMU_TIMEOUT`
   */
  execute(command: string, args: object = {}, ms: number = PATIENCE_MS): Promise<unknown> {
    const id = this.#next++;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#stream.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    return withDeadline(answer, ms, `the answer to QMP's ${command}`).finally(() => this.#waiting.delete(id));
  }

  /** A command of the human monitor; gives its text. */
  async monitor(line: string): Promise<string> {
    return String(await this.execute('human-monitor-command', { 'command-line': line }));
  }

  /** The next event of that name that comes from now on. */
  event(name: string, ms: number): Promise<QmpEvent> {
    let listener: (event: QmpEvent) => void = () => {};
    const seen = new Promise<QmpEvent>((resolve) => {
      listener = resolve;
      this.#events.on(name, listener);
    });
    return withDeadline(seen, ms, `QMP's event ${name}`).finally(() => this.#events.off(name, listener));
  }

  /** Calls back for every event of that name. */
  on(name: string, listener: (event: QmpEvent) => void): void {
    this.#events.on(name, listener);
  }

  #take(line: string): void {
    let answer: Answer;
    try {
      answer = JSON.parse(line) as Answer;
    } catch {
      return;
    }
    if (answer.QMP !== undefined) this.#greeted();
    else if (answer.event !== undefined) this.#events.emit(answer.event, answer as QmpEvent);
    else if (answer.id !== undefined) {
      const waiting = this.#waiting.get(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer.return);
      else waiting?.reject(new QemuError('QMP_REFUSED', answer.error.desc));
    }
  }
}
