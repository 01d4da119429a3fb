import { setTimeout as sleep } from 'node:timers/promises';
import { QemuError, type QemuProcess } from '@quiesce/qemu-control';

const LOAD_MS = 120_000;
const POLL_MS = 50;

/** Until a guest that comes in by `-incoming` stands still with all its state. @throws QemuError */
export async function waitForIncoming(qemu: QemuProcess): Promise<void> {
  const loaded = (async () => {
    for (;;) {
      const { status } = (await qemu.qmp.execute('query-status')) as { status: string };
      if (status === 'paused' || status === 'prelaunch') return;
      if (status !== 'inmigrate') throw new QemuError('QMP_REFUSED', `the snapshot came in as ${status}`);
      await sleep(POLL_MS);
    }
  })();
  await qemu.orEnd(loaded, LOAD_MS, 'the snapshot');
}
