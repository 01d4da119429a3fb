import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../build/config-bytes.ts';
import { q35Lab } from './q35-lab.ts';

const groundTruth = fileURLToPath(new URL('../../../../../shared/ground-truth', import.meta.url));

describe('q35-lab', () => {
  const machine = q35Lab();

  it('has every function of the laboratory in the order of their addresses', () => {
    expect(machine.functions.map((one) => one.name)).toEqual([
      '0000:00:00.0',
      '0000:00:01.0',
      '0000:00:02.0',
      '0000:00:03.0',
      '0000:00:04.0',
      '0000:00:1b.0',
      '0000:00:1d.0',
      '0000:00:1f.0',
      '0000:00:1f.2',
      '0000:00:1f.3',
      '0000:01:00.0',
      '0000:02:00.0',
      '0000:03:00.0',
      '0000:03:01.0',
      '0000:03:02.0',
      '0000:04:00.0',
      '0000:05:00.0',
      '0000:06:00.0',
      '0000:07:00.0',
    ]);
  });

  it('keeps interrupts off at the devices, as the laboratory did', () => {
    expect(machine.workload.interrupts).toBe(false);
  });

  it('has no memory just under 4 GiB, where untranslated IOVAs go', () => {
    const region = machine.memoryMap.find((one) => one.start <= 0xffff_c000 && one.end > 0xffff_c000);
    expect(region?.owner).toBe('mmio');
  });
});

describe.skipIf(!existsSync(groundTruth))(
  'q35-lab against the observed guest (../shared/ground-truth)',
  () => {
    const machine = q35Lab();
    // Also read where the suite is skipped: its body is run to collect its tests.
    const dump = `${groundTruth}/lspci-nnvvv-xxxx.txt`;
    const observed = existsSync(dump) ? readDump(dump) : new Map<string, Uint8Array>();

    it.each(machine.functions.map((one) => [one.name, one] as const))('%s', (name, one) => {
      const ours = hexToBytes(one.config) as Uint8Array;
      const theirs = observed.get(name.slice(5)) as Uint8Array;
      expect(ours.length).toBe(theirs.length);
      expect(header(ours)).toEqual(header(theirs));
      expect(capabilities(ours)).toEqual(capabilities(theirs));
      expect(extendedCapabilities(ours)).toEqual(extendedCapabilities(theirs));
      expect(expressType(ours)).toEqual(expressType(theirs));
    });

    it('has the same DMAR scopes', () => {
      const ours = hexToBytes(machine.dmar as string) as Uint8Array;
      const theirs = readFileSync(`${groundTruth}/DMAR.bin`);
      expect(ours.length).toBe(theirs.length);
      // The table's header differs in its maker's names only.
      expect([...ours.subarray(0x24)]).toEqual([...theirs.subarray(0x24)]);
      expect(ours.reduce((sum, byte) => sum + byte, 0) & 0xff).toBe(0);
    });
  },
);

/** IDs, Command, class, header type, BARs, bus numbers, windows and Bridge Control. */
function header(bytes: Uint8Array): string[] {
  const bridge = (bytes[0x0e] as number) % 0x80 === 1;
  const ranges = bridge
    ? [
        [0, 6],
        [8, 12],
        [14, 15],
        [16, 0x1b],
        [0x1c, 0x1e],
        [0x20, 0x30],
        [0x3d, 0x40],
      ]
    : [
        [0, 6],
        [8, 12],
        [14, 15],
        [16, 0x28],
        [0x2c, 0x30],
        [0x3d, 0x3e],
      ];
  return ranges.map(
    ([from, to]) => `${from}: ${[...bytes.subarray(from, to)].map((b) => b.toString(16)).join(' ')}`,
  );
}

function capabilities(bytes: Uint8Array): string[] {
  const found: string[] = [];
  for (let at = bytes[0x34] as number; at !== 0; at = bytes[at + 1] as number) {
    found.push(`${at.toString(16)}:${bytes[at]}`);
  }
  return found;
}

function extendedCapabilities(bytes: Uint8Array): string[] {
  const found: string[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = bytes.length > 256 ? 0x100 : 0; at !== 0; at = view.getUint32(at, true) >>> 20) {
    const head = view.getUint32(at, true);
    if (head !== 0) found.push(`${at.toString(16)}:${head & 0xffff}`);
  }
  return found;
}

function expressType(bytes: Uint8Array): number | undefined {
  for (let at = bytes[0x34] as number; at !== 0; at = bytes[at + 1] as number) {
    if (bytes[at] === 0x10) return (bytes[at + 2] as number) & 0xff;
  }
  return undefined;
}

function readDump(file: string): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  let bytes: number[] = [];
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const head = /^([0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) /.exec(line);
    const row = /^[0-9a-f]{2,3}: ((?:[0-9a-f]{2} ?){16})$/.exec(line);
    if (head !== null) bytes = [];
    if (row !== null)
      bytes.push(
        ...(row[1] as string)
          .trim()
          .split(' ')
          .map((byte) => Number.parseInt(byte, 16)),
      );
    if (head !== null) found.set(head[1] as string, bytes as unknown as Uint8Array);
  }
  // Arrays were filled after they were put there.
  const result = new Map<string, Uint8Array>();
  for (const [name, list] of found) result.set(name, Uint8Array.from(list as unknown as number[]));
  return result;
}
