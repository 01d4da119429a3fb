import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PROGRAM = 'qemu-system-x86_64';
/** A q35 machine that is never started: registers answer, and nothing else happens. */
const MACHINE =
  '-machine q35,accel=tcg,kernel-irqchip=off -S -display none -nodefaults -qtest-log none'.split(' ');
const START_TRIES = 200;
const START_WAIT_MS = 50;

/** QEMU as an oracle for register accesses, over its qtest protocol: one command per line, one answer per line. */
export class QtestSession {
  readonly #process: ChildProcess;
  readonly #socket: Socket;
  readonly #folder: string;

  private constructor(process: ChildProcess, socket: Socket, folder: string) {
    this.#process = process;
    this.#socket = socket;
    this.#folder = folder;
  }

  /** Whether QEMU is installed (Debian: qemu-system-x86). */
  static available(): boolean {
    return spawnSync(PROGRAM, ['--version'], { stdio: 'ignore' }).status === 0;
  }

  /** Starts QEMU with further arguments; waits until it takes commands. @throws Error if it ends instead */
  static async open(args: readonly string[] = []): Promise<QtestSession> {
    const folder = mkdtempSync(join(tmpdir(), 'quiesce-qtest-'));
    const path = join(folder, 'qtest');
    const child = spawn(PROGRAM, [...MACHINE, ...args, '-qtest', `unix:${path},server=on,wait=off`], {
      stdio: 'ignore',
    });
    const stop = (): void => {
      child.kill('SIGKILL');
    };
    process.once('exit', stop);
    child.once('exit', () => process.off('exit', stop));
    const ended = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${PROGRAM} ended with code ${code}`)));
    });
    ended.catch(() => {});
    const waited = (async () => {
      for (let tries = 0; tries < START_TRIES && !existsSync(path); tries++) await sleep(START_WAIT_MS);
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect(path, () => resolve(socket));
        socket.once('error', reject);
      });
    })();
    return new QtestSession(child, await Promise.race([waited, ended]), folder);
  }

  /** Sends all lines at once, and gives the bytes of the answers when there is one line for each. */
  send(commands: string, count: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let lines = 0;
      const take = (chunk: Buffer): void => {
        chunks.push(chunk);
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
        if (lines < count) return;
        this.#socket.off('data', take);
        this.#socket.off('close', lost);
        resolve(Buffer.concat(chunks));
      };
      const lost = (): void => reject(new Error(`${PROGRAM} closed the connection`));
      this.#socket.on('data', take);
      this.#socket.once('close', lost);
      this.#socket.write(commands);
    });
  }

  /** Runs commands and gives the values that they return; 0 for those that return none. */
  async run(commands: readonly string[]): Promise<number[]> {
    if (commands.length === 0) return [];
    const answers = await this.send(`${commands.join('\n')}\n`, commands.length);
    return answers
      .toString('latin1')
      .split('\n')
      .slice(0, commands.length)
      .map((line) => (line.startsWith('OK 0x') ? Number(line.slice(3)) : 0));
  }

  async read32(address: number): Promise<number> {
    const [value] = await this.run([`readl 0x${address.toString(16)}`]);
    return value ?? 0;
  }

  close(): void {
    this.#socket.destroy();
    this.#process.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
