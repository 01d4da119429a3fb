import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CapturedFile } from './captured-file.ts';
import { importCapture } from './import-capture.ts';
import type { ImportedCapture } from './imported-capture.ts';
import { machinePath } from './machine-path.ts';
import { recogniseFile } from './recognise-file.ts';

/** What comes of the files; undefined if they are refused with a typed error. */
function attempt(files: readonly CapturedFile[]): ImportedCapture | undefined {
  try {
    return importCapture(files, { name: 'x' });
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return undefined;
  }
}

const config = Uint8Array.from({ length: 256 }, (_, at) => (at === 0 ? 0x86 : at === 1 ? 0x80 : 0));
const device = 'sys/bus/pci/devices/0000:00:00.0';

const paths = [
  `${device}/config`,
  `${device}/resource`,
  `${device}/driver`,
  `${device}/class`,
  'proc/iomem',
  'proc/cmdline',
  'proc/bus/pci/00/00.0',
  'sys/class/iommu/dmar0/intel-iommu/cap',
  'sys/firmware/acpi/tables/DMAR',
  'etc/kdump.conf',
  'etc/sysconfig/kdump',
  'etc/default/kdump-tools',
  'sos_commands/pci/lspci_-tv',
  'proc/version',
  'x.txt',
  '../../etc/passwd',
  '',
];
const lines = [
  '00:00.0 Host bridge [0600]: Intel [8086:0042]',
  '00: 86 80 42 00 06 01 00 00 00 00 00 06 00 00 00 00',
  '\tKernel driver in use: x',
  '-[0000:00]-+-00.0',
  '[    0.000000] Linux version 6.1 (x) #1',
  '[    0.0] DMAR: DRHD base: 0x000000fed90000 flags: 0x1',
  '00001000-0009ffff : System RAM',
  'ffffffffffff0000-0 : x',
  'DMAR @ 0x0000000000000000',
  '    0000: 44 4D 41 52 28 00 00 00',
  '_'.repeat(44),
  '*** /proc/iomem',
  '/usr/bin/lspci -nn',
  'KDUMP_COMMANDLINE_APPEND="a',
  'nfs x:/y',
  '0x1',
  '0x0 0x1fff 0x200',
  '{',
  '',
  '"quiesce/capture/1"',
  'Slot:\t00:00.0',
  '00:00.0 "0600" "8086" "0042"',
  '[000h 0000   4] Signature : "DMAR"',
];
const content = fc.oneof(
  fc
    .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...lines) }, fc.string()), { maxLength: 20 })
    .map((all) => all.join('\n')),
  fc.uint8Array({ maxLength: 300 }),
  fc.constant(config),
);
const file: fc.Arbitrary<CapturedFile> = fc.record(
  {
    path: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...paths) }, fc.string()),
    content,
    link: fc.string(),
  },
  { requiredKeys: ['path', 'content'] },
) as fc.Arbitrary<CapturedFile>;

describe('hostile captures', () => {
  it('are read or refused with a typed error, whatever they hold; every file leaves a trace', () => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 8 }), (files) => {
        const got = attempt(files);
        if (got === undefined) return;
        const traces = [...got.sources, ...got.notes].map((one) => one.file);
        for (const one of files) {
          const seen = traces.some(
            (trace) => trace === one.path || (trace.endsWith('sys/') && one.path.startsWith(trace)),
          );
          const counted = recogniseFile(one) === 'sysfs' && got.sources.some(({ kind }) => kind === 'sysfs');
          expect(seen || counted, one.path).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('may name any path: what climbs is known by its content alone', () => {
    expect(machinePath('../../sys/bus/pci/devices/0000:00:00.0/config')).toBeUndefined();
    expect(machinePath('a/./b//proc/iomem')).toBe('proc/iomem');
    expect(machinePath('C:\\reports\\proc\\iomem')).toBe('proc/iomem');
    expect(machinePath('proc')).toBeUndefined();
    const got = attempt([{ path: `../${device}/config`, content: config }]);
    expect(got?.machine).toBeUndefined();
    expect(got?.sources).toMatchObject([{ kind: 'unknown' }]);
  });

  it('are used once where a path is given twice', () => {
    const got = attempt([
      { path: 'proc/cmdline', content: 'first=1' },
      { path: 'proc/cmdline', content: 'second=2' },
    ]);
    expect(got?.host.commandLine?.value).toBe('first=1');
    expect(got?.notes).toEqual([
      { file: 'proc/cmdline', message: expect.stringMatching(/was given before/) },
    ]);
  });

  it('cost what they are worth: many files, many sections, long lines', () => {
    const many = Array.from({ length: 20_000 }, (_, at): CapturedFile => ({ path: `f${at}`, content: 'x' }));
    const got = attempt([
      ...many,
      { path: 'sections', content: '*** /proc/iomem\n00001000-0009ffff : x\n'.repeat(20_000) },
      { path: 'line', content: `00: ${'86 '.repeat(500_000)}` },
      { path: 'blanks', content: `${' '.repeat(500_000)}x` },
      { path: 'dots', content: `${'> '.repeat(250_000)}x` },
      { path: 'etc/kdump.conf', content: 'path '.repeat(100_000) },
      { path: 'etc/sysconfig/kdump', content: 'KDUMP_X="\n'.repeat(50_000) },
    ]);
    expect(got?.sources).toHaveLength(5000);
    expect(got?.notes.length).toBeLessThan(6000);
    expect(got?.notes.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/further sources are not listed/),
    );
  });

  it('lose a bridge whose bus numbers cannot be, not the machine', () => {
    const bridge = (slot: number, secondary: number, subordinate: number): string =>
      `00:0${slot}.0 0604: 8086:000${slot}\n00: 86 80 0${slot} 00 00 00 00 00 00 00 04 06 00 00 01 00\n` +
      `10: 00 00 00 00 00 00 00 00 00 0${secondary} 0${subordinate} 00 00 00 00 00\n`;
    const got = attempt([{ path: 'lspci.txt', content: `${bridge(1, 1, 1)}\n${bridge(2, 1, 0)}` }]);
    expect(got?.machine?.functions).toHaveLength(2);
    expect(got?.notes).toContainEqual({
      file: 'lspci.txt',
      line: 5,
      message: expect.stringMatching(/0000:00:02.0 on bus 0 leads to buses 1 to 0, which cannot be/),
    });
    const twice = attempt([{ path: 'lspci.txt', content: `${bridge(1, 1, 1)}\n${bridge(2, 1, 1)}` }]);
    expect(twice?.machine?.functions).toHaveLength(2);
  });

  it('are refused with their place if they are of two machines', () => {
    const lspci = (vendor: string, bus: number): string =>
      [0, 1, 2]
        .map((slot) => {
          const bytes = `${vendor.slice(2)} ${vendor.slice(0, 2)} 0${slot} 00 00 00 00 00 00 00 04 06 00 00 01 00`;
          return `00:0${slot}.0 0604: ${vendor}:000${slot}\n00: ${bytes}\n10: 00 00 00 00 00 00 00 00 00 0${bus + slot} 0${bus + slot} 00 00 00 00 00\n`;
        })
        .join('\n');
    const files = [
      { path: 'a/lspci.txt', content: lspci('8086', 1) },
      { path: 'b/lspci.txt', content: `${lspci('1022', 2)}\n${lspci('1022', 1).replaceAll('00:0', '00:1')}` },
    ];
    expect(() => importCapture(files, { name: 'x' })).toThrow(
      expect.objectContaining({ code: 'CAPTURE_MIXED', place: { file: 'b/lspci.txt', line: 1 } }),
    );
  });
});
