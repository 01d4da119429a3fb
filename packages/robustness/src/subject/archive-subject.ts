import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openCapture } from '@quiesce/capture';
import { type CapturedFile, hexToBytes, preset } from '@quiesce/machine';
import { zipSync } from 'fflate';
import { guestBundles } from '../inputs/guest-bundles.ts';
import { printedIomem, tableOf } from '../inputs/printed-machine.ts';
import { joined } from '../mutation/mutate-bytes.ts';
import type { Subject } from './subject.ts';

/** Archives of a machine's files, plain and packed: something comes out, or it is said why not. */
export const archiveSubject: Subject = {
  name: 'archive',
  text: false,
  inputs: () => {
    const files = filesOfMachine();
    const tar = tarOf(files);
    const zip = zipOf(files);
    return [tar, new Uint8Array(gzipSync(tar)), zip, ...guestBundles().map(({ packed }) => packed)];
  },
  take: async (input) => {
    const folder = mkdtempSync(join(tmpdir(), 'quiesce-archive-'));
    try {
      const path = join(folder, 'capture.tar');
      writeFileSync(path, input);
      const { files, notes } = await openCapture(path);
      return files.length + notes.length === 0 ? 'nothing was read, and nothing is said' : undefined;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function filesOfMachine(): CapturedFile[] {
  const machine = preset('server-2012');
  const configs = machine.functions.map(({ name, config }): CapturedFile => {
    return { path: `sys/bus/pci/devices/${name}/config`, content: hexToBytes(config) as Uint8Array };
  });
  return [
    ...configs,
    { path: 'sys/firmware/acpi/tables/DMAR', content: tableOf(machine) },
    { path: 'proc/iomem', content: printedIomem(machine) },
  ];
}

/** A zip archive, the same on every machine: its time is in whatever zone the machine is. */
function zipOf(files: readonly CapturedFile[]): Uint8Array {
  const encoder = new TextEncoder();
  const entries = files.map(({ path, content }) => [
    path,
    typeof content === 'string' ? encoder.encode(content) : content,
  ]);
  return zipSync(Object.fromEntries(entries), { mtime: new Date(2026, 0, 1) });
}

/** A tar archive (POSIX.1-1988, ustar). */
function tarOf(files: readonly CapturedFile[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts = files.flatMap(({ path, content }) => {
    const bytes = typeof content === 'string' ? encoder.encode(content) : content;
    const header = new Uint8Array(512);
    header.set(encoder.encode(path), 0);
    header.set(encoder.encode('0000644\0'), 100);
    header.set(encoder.encode(`${bytes.length.toString(8).padStart(11, '0')}\0`), 124);
    header.set(encoder.encode('        0'), 148);
    header.set(encoder.encode('ustar\x0000'), 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.set(encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    return [header, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)];
  });
  return joined(...parts, new Uint8Array(1024));
}
