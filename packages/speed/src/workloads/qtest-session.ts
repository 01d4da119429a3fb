import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratchFolder } from '../harness/scratch-folder.ts';

const PROGRAM = 'qemu-system-x86_64';
/** A q35 machine that is never started: config space answers, and nothing else happens. */
const MACHINE =
  '-machine q35,accel=tcg,kernel-irqchip=off -S -display none -nodefaults -qtest-log none'.split(' ');

/** QEMU as an oracle for register accesses, over its qtest protocol: one command per line, one answer per line. */
export class QtestSession {
  readonly #process: ChildProcess;
  readonly #socket: Socket;

  private constructor(process: ChildProcess, socket: Socket) {
    this.#process = process;
    this.#socket = socket;
  }

  /** Starts QEMU; waits until it takes commands. */
  static async open(): Promise<QtestSession> {
    const path = join(scratchFolder, 'qtest');
    const child = spawn(PROGRAM, [...MACHINE, '-qtest', `unix:${path},server=on,wait=off`], {
      stdio: 'ignore',
    });
    const ended = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${PROGRAM} ended with code ${code}`)));
    });
    ended.catch(() => {});
    const waited = (async () => {
      for (let tries = 0; tries < 200 && !existsSync(path); tries++) await sleep(50);
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect(path, () => resolve(socket));
        socket.once('error', reject);
      });
    })();
    return new QtestSession(child, await Promise.race([waited, ended]));
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

  close(): void {
    this.#socket.destroy();
    this.#process.kill();
  }
}
