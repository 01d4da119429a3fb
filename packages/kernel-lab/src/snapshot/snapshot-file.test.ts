import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeLoadable } from './snapshot-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quiesce-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A stream as QEMU writes it: memory, the section's name, its header, the state's length and the state. */
function stream(state: string, memory: number): Buffer {
  const section = Buffer.alloc(100);
  section.write('globalstate', 0);
  section.writeUInt32BE(state.length + 1, 23);
  section.write(state, 27);
  // A page of the guest may hold the same words.
  return Buffer.concat([Buffer.from('debug globalstate'), Buffer.alloc(memory), section, Buffer.alloc(500)]);
}

it.each([1000, 17 * 0x10_0000, 16 * 0x10_0000 - 40])(
  'a guest of %d bytes goes on as paused',
  async (memory) => {
    const path = join(folder, 'guest.stream');
    const before = stream('debug', memory);
    await writeFile(path, before);
    await makeLoadable(path);
    const after = await readFile(path);
    expect(after.equals(stream('paused', memory))).toBe(true);
  },
);

it('what was not saved at a breakpoint is refused, and left as it was', async () => {
  const path = join(folder, 'guest.stream');
  await writeFile(path, stream('running', 1000));
  await expect(makeLoadable(path)).rejects.toMatchObject({ code: 'LAB_SNAPSHOT' });
  expect((await readFile(path)).equals(stream('running', 1000))).toBe(true);
});
