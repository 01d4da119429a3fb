import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QemuProcess } from '@quiesce/qemu-control';
import { UserError } from '@quiesce/simulation';
import type { BootPlan } from '../lab/boot-plan.ts';
import type { CrashPhase } from './crash-phase.ts';
import { makeLoadable } from './snapshot-file.ts';

const SAVE_MS = 120_000;
const POLL_MS = 50;
const STATE = 'guest.stream';
const CRASH = 'crash.json';

/** A guest that stands in the second kernel's setup_arch, and what the lab had seen until then. */
export interface CrashSnapshot {
  /** Path of QEMU's stream. */
  readonly state: string;
  readonly crash: CrashPhase;
}

/** QEMU cannot save a guest with an NVMe controller (hw/nvme/ctrl.c: unmigratable). */
export function canBeSaved({ machine }: BootPlan): boolean {
  return machine.functions.every(({ config }) => classOf(config) !== '010802');
}

/** Key of the cache's entry: whatever the guest is before setup_arch goes into it. */
export function snapshotKey(plan: BootPlan, qemuVersion: string): string {
  const { topology, kernel, initramfs, firstCommandLine, variant } = plan;
  const identity = [
    qemuVersion,
    topology.arguments,
    kernel.bootImage,
    initramfs,
    firstCommandLine,
    variant.interrupts,
  ];
  return `snapshot/${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32)}`;
}

/** Saves a guest that stands at a breakpoint into a folder. @throws UserError `LAB_SNAPSHOT` with QEMU's words */
export async function saveSnapshot(qemu: QemuProcess, crash: CrashPhase, folder: string): Promise<void> {
  const path = join(folder, STATE);
  await qemu.qmp.execute('migrate-set-parameters', { 'max-bandwidth': 2 ** 40 });
  await qemu.qmp.execute('migrate', { uri: `exec:cat > '${path.replaceAll("'", "'\\''")}'` });
  await qemu.orEnd(migrated(qemu), SAVE_MS, 'the snapshot');
  await writeFile(join(folder, CRASH), JSON.stringify(crash));
}

/** Makes what {@link saveSnapshot} wrote loadable, once QEMU has ended. @throws UserError `LAB_SNAPSHOT` */
export function finishSnapshot(folder: string): Promise<void> {
  return makeLoadable(join(folder, STATE));
}

/** What {@link saveSnapshot} wrote. */
export async function readSnapshot(folder: string): Promise<CrashSnapshot> {
  const crash = JSON.parse(await readFile(join(folder, CRASH), 'utf8')) as CrashPhase;
  return { state: join(folder, STATE), crash };
}

/** Argument of QEMU's `-incoming`. */
export function incoming({ state }: CrashSnapshot): string {
  return `exec:cat '${state.replaceAll("'", "'\\''")}'`;
}

async function migrated(qemu: QemuProcess): Promise<void> {
  for (;;) {
    const { status, ['error-desc']: error } = (await qemu.qmp.execute('query-migrate')) as {
      status?: string;
      'error-desc'?: string;
    };
    if (status === 'completed') return;
    if (status === 'failed' || status === 'cancelled') {
      throw new UserError('LAB_SNAPSHOT', `QEMU could not save the guest: ${error ?? status}`);
    }
    await sleep(POLL_MS);
  }
}

/** Class, subclass and interface, hexadecimal. */
function classOf(config: string): string {
  return config.slice(22, 24) + config.slice(20, 22) + config.slice(18, 20);
}
