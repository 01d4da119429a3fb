import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { ConsoleLog } from '../console/console-log.ts';
import { GdbClient } from '../gdb/gdb-client.ts';
import { FrameFlood } from '../network/frame-flood.ts';
import { QmpClient } from '../qmp/qmp-client.ts';
import { QtestClient } from '../qtest/qtest-client.ts';
import { TraceLog } from '../trace/trace-log.ts';
import { PATIENCE_MS, withDeadline } from './deadline.ts';
import { FIRST_FD, PROGRAM, type QemuOptions, qemuCommand } from './qemu-command.ts';
import { QemuError } from './qemu-error.ts';

/**
 * One QEMU under control. Its channels are socketpairs that it inherits: there is no socket file and no port. It dies
 * with the process that started it, whatever ends that (`setpriv --pdeathsig`), so start it from the main thread.
 */
export class QemuProcess {
  readonly qmp: QmpClient;
  readonly qtest: QtestClient;
  readonly gdb: GdbClient;
  readonly serial: readonly ConsoleLog[];
  /** The guest's serial ports to write to. */
  readonly serialInput: readonly Duplex[];
  readonly networks: Readonly<Record<string, FrameFlood>>;
  readonly trace: TraceLog;
  /** When it has ended, and how: `code 0`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  readonly #failed: Promise<never>;

  private constructor(child: ChildProcess, options: QemuOptions) {
    this.#process = child;
    const channel = (index: number): Duplex => child.stdio[FIRST_FD + index] as unknown as Duplex;
    this.qmp = new QmpClient(channel(0));
    this.qtest = new QtestClient(channel(1));
    this.gdb = new GdbClient(channel(2));
    const serialPorts = options.serialPorts ?? 0;
    this.serialInput = Array.from({ length: serialPorts }, (_, i) => channel(3 + i));
    this.serial = this.serialInput.map((stream) => new ConsoleLog(stream));
    this.networks = Object.fromEntries(
      (options.networks ?? []).map((id, i) => [id, new FrameFlood(channel(3 + serialPorts + i))]),
    );
    this.trace = new TraceLog(child.stderr as Readable);
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal === null ? `code ${code}` : `signal ${signal}`));
    });
    this.#failed = this.ended.then((how) => {
      for (const flood of Object.values(this.networks)) flood.stop();
      const words = this.trace.words.join('\n');
      throw new QemuError('QEMU_EXITED', `${PROGRAM} ended with ${how}${words === '' ? '' : `\n${words}`}`);
    });
    this.#failed.catch(() => {});
  }

  /** Whether QEMU and setpriv are installed (Debian: qemu-system-x86, util-linux). */
  static available(): boolean {
    return [PROGRAM, 'setpriv'].every(
      (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0,
    );
  }

  /** As QEMU says it, `7.2.22`. @throws QemuError `QEMU_MISSING` */
  static version(): string {
    const { stdout } = spawnSync(PROGRAM, ['--version'], { encoding: 'utf8' });
    const version = /version (\S+)/.exec(stdout ?? '')?.[1];
    if (version === undefined)
      throw new QemuError('QEMU_MISSING', `${PROGRAM} is needed (Debian: qemu-system-x86)`);
    return version;
  }

  /**
   * Starts QEMU with its processor held; waits until it takes commands.
   *
   * @throws QemuError `QEMU_MISSING`, `QEMU_EXITED` with QEMU's last words, `QEMU_TIMEOUT`
   */
  static async start(options: QemuOptions): Promise<QemuProcess> {
    if (!QemuProcess.available()) {
      throw new QemuError(
        'QEMU_MISSING',
        `${PROGRAM} and setpriv are needed (Debian: qemu-system-x86, util-linux)`,
      );
    }
    const { program, args, channels } = qemuCommand(options);
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe', ...Array.from({ length: channels }, () => 'pipe' as const)],
    });
    const qemu = new QemuProcess(child, options);
    const stop = (): void => qemu.kill();
    process.once('exit', stop);
    void qemu.ended.then(() => process.off('exit', stop));
    try {
      await qemu.orEnd(qemu.qmp.negotiate(), PATIENCE_MS, 'QEMU');
    } catch (error) {
      qemu.kill();
      throw error;
    }
    return qemu;
  }

  /** The same promise, or a failure when QEMU ends first, or when it takes longer than `ms`. */
  orEnd<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
    return withDeadline(Promise.race([promise, this.#failed]), ms, what);
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Ends it, and waits until it is gone. */
  async close(): Promise<void> {
    this.kill();
    await withDeadline(this.ended, PATIENCE_MS, "QEMU's end");
  }
}
