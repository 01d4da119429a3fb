import type { Duplex } from 'node:stream';
import { PATIENCE_MS, withDeadline } from '../process/deadline.ts';
import { QemuError } from '../process/qemu-error.ts';

const NEWLINE = 10;
/** Suffix of a command by the bytes that it accesses. */
const SUFFIX = { 1: 'b', 2: 'w', 4: 'l' } as const;

/** Bytes of one access. */
export type QtestAccess = 1 | 2 | 4;

interface Waiting {
  readonly count: number;
  resolve(answers: Buffer): void;
}

/**
 * QEMU's qtest protocol: ports, memory and whatever answers in it, from outside, whether a guest runs beside it or not.
 * One command a line, one answer a line, in order. Commands of one call are sent at once: half a million a second.
 */
export class QtestClient {
  readonly #stream: Duplex;
  readonly #queue: Waiting[] = [];
  #chunks: Buffer[] = [];
  #lines = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', () => {});
  }

  /** Sends `count` lines at once, and gives the bytes of the answers when there is one line for each. */
  send(commands: string, count: number): Promise<Buffer> {
    const answers = new Promise<Buffer>((resolve) => this.#queue.push({ count, resolve }));
    this.#stream.write(commands);
    return withDeadline(answers, PATIENCE_MS, "qtest's answer");
  }

  /**
   * Runs commands and gives the values that they return, below 2^53; 0 for those that return none.
   *
   * @throws QemuError `QTEST_REFUSED` at a command that QEMU does not take
   */
  async run(commands: readonly string[]): Promise<number[]> {
    if (commands.length === 0) return [];
    const answers = await this.send(`${commands.join('\n')}\n`, commands.length);
    return answers
      .toString('latin1')
      .split('\n')
      .slice(0, commands.length)
      .map((line, index) => {
        if (!line.startsWith('OK')) {
          throw new QemuError('QTEST_REFUSED', `qtest: ${commands[index]}: ${line}`);
        }
        return line.startsWith('OK 0x') ? Number(line.slice(3)) : 0;
      });
  }

  /** Reads physical memory or a register, little endian. */
  async read(address: number, size: QtestAccess): Promise<number> {
    const [value] = await this.run([`read${SUFFIX[size]} 0x${address.toString(16)}`]);
    return value ?? 0;
  }

  async read32(address: number): Promise<number> {
    return this.read(address, 4);
  }

  async write(address: number, size: QtestAccess, value: number): Promise<void> {
    await this.run([`write${SUFFIX[size]} 0x${address.toString(16)} 0x${value.toString(16)}`]);
  }

  async readPort(port: number, size: QtestAccess): Promise<number> {
    const [value] = await this.run([`in${SUFFIX[size]} 0x${port.toString(16)}`]);
    return value ?? 0;
  }

  async writePort(port: number, size: QtestAccess, value: number): Promise<void> {
    await this.run([`out${SUFFIX[size]} 0x${port.toString(16)} 0x${value.toString(16)}`]);
  }

  /** Reads memory as bytes. Registers are better read by {@link read}: here QEMU chooses the access sizes. */
  async readBytes(address: number, length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0);
    const answer = await this.send(`b64read 0x${address.toString(16)} 0x${length.toString(16)}\n`, 1);
    const line = answer.toString('latin1').trimEnd();
    if (!line.startsWith('OK ')) throw new QemuError('QTEST_REFUSED', `qtest: b64read: ${line}`);
    return new Uint8Array(Buffer.from(line.slice(3), 'base64'));
  }

  async writeBytes(address: number, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    const data = Buffer.from(bytes).toString('base64');
    await this.run([`b64write 0x${address.toString(16)} 0x${bytes.length.toString(16)} ${data}`]);
  }

  #take(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
      this.#lines++;
      const first = this.#queue[0];
      if (first === undefined || this.#lines < first.count) continue;
      this.#chunks.push(chunk.subarray(from, at + 1));
      from = at + 1;
      this.#queue.shift();
      const answers = Buffer.concat(this.#chunks);
      this.#chunks = [];
      this.#lines = 0;
      first.resolve(answers);
    }
    if (from < chunk.length) this.#chunks.push(chunk.subarray(from));
  }
}
