import { open } from 'node:fs/promises';
import { UserError } from '@quiesce/simulation';

/** How QEMU's stream names the section that says what the guest was doing. */
const SECTION = 'globalstate';
/** QEMU refuses to load a guest that was saved in the hands of a debugger. */
const SAVED = 'debug';
const WANTED = 'paused';
const CHUNK = 16 * 0x10_0000;
/** The state's name follows the section's after its header. */
const NEAR = 64;

/**
 * Rewrites the run state in a migration stream from `debug` to `paused`, so that QEMU loads what was saved at a breakpoint.
 *
 * @throws UserError `LAB_SNAPSHOT` if the stream has no such state
 */
export async function makeLoadable(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(CHUNK + SECTION.length + NEAR);
    // The devices' state follows the memory: it is near the end.
    for (let end = size; end > 0; end -= CHUNK) {
      const from = Math.max(0, end - CHUNK);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
      const at = stateIn(buffer.subarray(0, bytesRead));
      if (at === undefined) continue;
      // Its length with the zero behind it, 4 bytes big endian, then the name.
      const patch = Buffer.alloc(4 + WANTED.length + 1);
      patch.writeUInt32BE(WANTED.length + 1, 0);
      patch.write(WANTED, 4, 'latin1');
      await file.write(patch, 0, patch.length, from + at - 4);
      return;
    }
  } finally {
    await file.close();
  }
  throw new UserError('LAB_SNAPSHOT', `${path} is no stream of a guest that was saved at a breakpoint`);
}

function stateIn(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(SECTION); at >= 0; at = bytes.indexOf(SECTION, at + 1)) {
    const state = bytes.indexOf(`${SAVED}\0`, at, 'latin1');
    if (state >= 0 && state - at < SECTION.length + NEAR) return state;
  }
  return undefined;
}
