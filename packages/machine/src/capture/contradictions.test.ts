import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../build/config-bytes.ts';
import { buildDmarTable } from '../build/dmar-table.ts';
import type { CapturedFile } from './captured-file.ts';
import { importCapture } from './import-capture.ts';
import type { CaptureConflict } from './imported-capture.ts';

const folder = 'sys/bus/pci/devices';

/** Config space with an identity, BARs and whatever else is given. */
function config(bytes: Readonly<Record<number, number>>, size = 256): Uint8Array {
  const all = new Uint8Array(size);
  all.set([0x86, 0x80, 0x42, 0x00]);
  for (const [offset, value] of Object.entries(bytes)) all[Number(offset)] = value;
  return all;
}

const file = (name: string, bytes: Uint8Array): CapturedFile => ({
  path: `${folder}/${name}/config`,
  content: bytes,
});

/** The same bytes as lspci prints them. */
function lspci(name: string, bytes: Uint8Array, words = ''): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.slice(at, at + 16)].map((one) => one.toString(16).padStart(2, '0'));
    rows.push(`${at.toString(16).padStart(2, '0')}: ${row.join(' ')}`);
  }
  return `${name} 0200: 8086:0042\n${words}${rows.join('\n')}\n\n`;
}

const conflictsOf = (...files: CapturedFile[]): readonly CaptureConflict[] =>
  importCapture(files, { name: 'x' }).conflicts;
const values = (conflicts: readonly CaptureConflict[]): unknown =>
  conflicts.map(({ what, said }) => [what, ...said.map(({ value }) => value)]);

describe('contradictions between sources of one function', () => {
  const nic = config({ 11: 2, 19: 0xfe });

  it('are none where status, error or command registers differ', () => {
    const later = config({ 11: 2, 19: 0xfe, 4: 7, 6: 0x10, 7: 0x20, 12: 16, 60: 11 });
    const text = { path: 'lspci.txt', content: lspci('00:03.0', nic) };
    expect(conflictsOf(text, file('0000:00:03.0', later))).toEqual([]);
  });

  it('are other identities, BARs, bus numbers; bytes of lspci are used', () => {
    const text = { path: 'lspci.txt', content: lspci('00:03.0', nic) };
    expect(values(conflictsOf(text, file('0000:00:03.0', config({ 11: 2, 8: 3, 19: 0xfd }))))).toEqual([
      ['/functions/0/config', 'revision ID 0x0', 'revision ID 0x3'],
      ['/functions/0/config', 'BAR 0 0xfe000000', 'BAR 0 0xfd000000'],
    ]);
    const port = config({ 10: 4, 11: 6, 14: 1, 25: 1, 26: 1 });
    const renumbered = config({ 10: 4, 11: 6, 14: 1, 25: 2, 26: 2 });
    const bridge = { path: 'lspci.txt', content: lspci('00:01.0', port).replace('0200', '0604') };
    expect(values(conflictsOf(bridge, file('0000:00:01.0', renumbered)))).toEqual([
      ['/functions/0/config', 'secondary bus 0x1', 'secondary bus 0x2'],
      ['/functions/0/config', 'subordinate bus 0x1', 'subordinate bus 0x2'],
    ]);
  });

  it('are other drivers and sizes of BARs', () => {
    const words =
      '\tControl: I/O+\n\tRegion 0: Memory at fe000000 (32-bit, non-prefetchable) [size=16K]\n\tKernel driver in use: vfio-pci\n';
    const conflicts = conflictsOf(
      { path: 'lspci.txt', content: lspci('00:03.0', nic, words) },
      file('0000:00:03.0', nic),
      { path: `${folder}/0000:00:03.0/driver`, content: '', link: '../../../bus/pci/drivers/e1000e' },
      {
        path: `${folder}/0000:00:03.0/resource`,
        content: '0x00000000fe000000 0x00000000fe001fff 0x0000000000040200\n',
      },
    );
    expect(values(conflicts)).toEqual([
      ['/functions/0/barSizes', 'size of BAR 0 0x4000', 'size of BAR 0 0x2000'],
      ['/functions/0/driver', 'driver vfio-pci', 'driver e1000e'],
    ]);
  });

  it('use what was read awake, where one source met the function asleep', () => {
    const asleep = new Uint8Array(256).fill(0xff);
    const got = importCapture(
      [{ path: 'lspci.txt', content: lspci('00:03.0', asleep) }, file('0000:00:03.0', nic)],
      {
        name: 'x',
      },
    );
    expect(got.machine?.functions[0]?.config.slice(0, 8)).toBe('86804200');
    expect(got.conflicts.map(({ reason }) => reason)).toEqual(['it was read awake']);
  });

  it('are functions that only one of two complete lists has', () => {
    const host = config({ 11: 6 });
    const text = {
      path: 'lspci.txt',
      content: lspci('00:00.0', host).replace('0200', '0600') + lspci('00:03.0', nic),
    };
    const got = importCapture(
      [text, file('0000:00:00.0', host), file('0000:00:03.0', nic), file('0000:00:04.0', nic)],
      { name: 'x' },
    );
    expect(got.machine?.functions).toHaveLength(3);
    expect(values(got.conflicts)).toEqual([
      ['/functions', 'has 0000:00:04.0', 'lists 2 functions, these not'],
    ]);
    // One card of `lspci -s` beside a whole tree is no contradiction.
    const one = { path: 'lspci.txt', content: lspci('00:03.0', nic) };
    expect(conflictsOf(one, file('0000:00:00.0', host), file('0000:00:03.0', nic))).toEqual([]);
  });

  it('fill what another source lacks: 64 bytes of lspci, all of sysfs', () => {
    // It masters the bus here, and did not when lspci ran.
    const long = config({ 4: 4, 11: 2, 19: 0xfe, 256: 0x42 }, 4096);
    const got = importCapture(
      [{ path: 'lspci.txt', content: lspci('00:03.0', nic.slice(0, 64)) }, file('0000:00:03.0', long)],
      {
        name: 'x',
      },
    );
    expect(got.conflicts).toEqual([]);
    expect(got.machine?.functions[0]?.config).toHaveLength(8192);
    expect(got.machine?.functions[0]?.config.slice(0x200, 0x202)).toBe('42');
    expect(got.machine?.functions[0]?.config.slice(8, 10)).toBe('00');
  });
});

describe('contradictions about firmware', () => {
  const table = hexToBytes(
    buildDmarTable({
      hostAddressWidth: 39,
      flags: 1,
      units: [{ segment: 0, base: 0xfed9_0000, includeAll: true, scopes: [] }],
      reserved: [{ segment: 0, base: 0x7a00_0000, limit: 0x7a0f_ffff, scopes: [] }],
    }),
  ) as Uint8Array;
  const acpi: CapturedFile = { path: 'sys/firmware/acpi/tables/DMAR', content: table };
  const log = (...lines: string[]): CapturedFile => ({
    path: 'dmesg.txt',
    content: [
      '[    0.000000] Linux version 6.1.0 (b@h) (gcc) #1 SMP',
      ...lines.map((one) => `[    0.000001] ${one}`),
    ].join('\n'),
  });

  it('are none where table and log agree', () => {
    const lines = [
      'DMAR: DRHD base: 0x000000fed90000 flags: 0x1',
      'DMAR: RMRR base: 0x0000007a000000 end: 0x0000007a0fffff',
    ];
    expect(conflictsOf(acpi, log(...lines))).toEqual([]);
    expect(conflictsOf(acpi, log('nothing of it'))).toEqual([]);
  });

  it('are units and reserved memory that only one of them has, with the line', () => {
    const conflicts = conflictsOf(acpi, log('DMAR: DRHD base: 0x000000fed91000 flags: 0x1'));
    expect(values(conflicts)).toEqual([
      ['/units', 'unit at 0xfed90000', 'not there'],
      ['/units', 'not there', 'unit at 0xfed91000'],
      ['/dmar', 'reserved memory 0x7a000000..0x7a0fffff', 'not there'],
    ]);
    expect(conflicts[1]?.said[1]).toMatchObject({ file: 'dmesg.txt', line: 2 });
  });

  it('are two tables that differ: the binary one is used', () => {
    const other = table.slice();
    other[36] = 45;
    const text = `DMAR @ 0x0000000000000000\n${hexRows(other)}`;
    const got = importCapture(
      [{ path: 'acpidump.txt', content: text }, acpi, file('0000:00:00.0', config({ 11: 6 }))],
      {
        name: 'x',
      },
    );
    expect(got.conflicts.map(({ what, said }) => [what, said[0]?.file])).toEqual([['/dmar', acpi.path]]);
    expect(got.machine?.dmar?.slice(72, 74)).toBe('26');
    expect(got.sources[0]?.gave).toBe('DMAR with 1 unit and 1 reserved region');
  });

  it('are RAM and ECAM at other addresses', () => {
    const iomem = '00100000-3fffffff : System RAM\ne0000000-efffffff : PCI MMCONFIG 0000 [bus 00-ff]\n';
    const lines = [
      'BIOS-e820: [mem 0x0000000080000000-0x00000000bfffffff] usable',
      'PCI: MMCONFIG for domain 0000 [bus 00-ff] at [mem 0xb0000000-0xbfffffff] (base 0xb0000000)',
    ];
    expect(values(conflictsOf({ path: 'iomem.txt', content: iomem }, log(...lines)))).toEqual([
      ['/rootComplexes', 'ECAM of segment 0 at 0xe0000000', 'ECAM of segment 0 at 0xb0000000'],
      ['/memoryMap', 'RAM at 0x100000..0x3fffffff', 'none there'],
      ['/memoryMap', 'RAM at 0x80000000..0xbfffffff', 'none there'],
    ]);
  });

  it('are other kernels and command lines', () => {
    const version = { path: 'proc/version', content: 'Linux version 6.1.0-18-amd64 (x) #1 SMP\n' };
    const line = { path: 'proc/cmdline', content: 'ro quiet\n' };
    expect(values(conflictsOf(version, line, log('Command line: rw')))).toEqual([
      ['kernelRelease', '6.1.0-18-amd64', '6.1.0'],
      ['commandLine', 'ro quiet', 'rw'],
    ]);
    expect(conflictsOf(line, log('Command line: quiet'))).toEqual([]);
  });
});

function hexRows(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.slice(at, at + 16)].map((one) => one.toString(16).padStart(2, '0').toUpperCase());
    text += `    ${at.toString(16).padStart(4, '0').toUpperCase()}: ${row.join(' ').padEnd(48)} ................\n`;
  }
  return text;
}
