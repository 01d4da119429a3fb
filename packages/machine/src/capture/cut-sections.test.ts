import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutSections } from './cut-sections.ts';

const cut = (text: string): unknown =>
  cutSections(text, 'report.log').sections.map(({ kind, line, title }) => [kind, line, title]);

const lspci = '00:00.0 Host bridge [0600]: Intel Corporation Device [8086:29c0]';
const rule = '_'.repeat(44);

describe('cutSections', () => {
  it('cuts at the rules and headings of nvidia-bug-report.sh', () => {
    const text = [
      rule,
      '',
      'Start of NVIDIA bug report log file.',
      'uname: Linux',
      rule,
      '',
      '*** /proc/iomem',
      '*** ls: -r--r--r-- 1 root root 0 /proc/iomem',
      '00000000-00000fff : Reserved',
      rule,
      '',
      '*** /proc/interrupts',
      '[    1.000000] no log',
      rule,
      '',
      '*** /etc/kdump.conf does not exist',
      rule,
      '',
      '/usr/bin/lspci -nn',
      '',
      lspci,
      rule,
      '',
      '/usr/bin/lspci -nntv',
      '',
      '-[0000:00]-+-00.0',
      rule,
      '',
      'dmesg:',
      '',
      '[    0.000000] Linux version 6.1.0 (x)',
      'a line without a stamp',
    ].join('\n');
    expect(cut(text)).toEqual([
      ['unknown', 3, 'Start of NVIDIA bug report log file.'],
      ['iomem', 9, '/proc/iomem'],
      ['unknown', 12, '/proc/interrupts'],
      ['unknown', 16, '/etc/kdump.conf does not exist'],
      ['lspci', 21, '/usr/bin/lspci -nn'],
      ['lspci-tree', 26, '/usr/bin/lspci -nntv'],
      ['boot-log', 31, 'dmesg'],
    ]);
  });

  it('tells what was pasted after one another by the lines alone, and by prompts', () => {
    const text = [
      'Hello, here is my machine:',
      lspci,
      '\tKernel driver in use: x',
      '00: 86 80 c0 29 06 00 90 20',
      'and the log',
      '[    0.000000] Command line: ro',
      'root@host:~# cat /proc/iomem',
      '00001000-0009efff : System RAM',
      '[root@host ~]# cat /proc/cmdline',
      'ro quiet',
      'root@host:~# vmstat',
      'sda  8:0',
    ].join('\n');
    expect(cut(text)).toEqual([
      ['lspci', 2, undefined],
      ['boot-log', 6, undefined],
      ['iomem', 8, 'cat /proc/iomem'],
      ['command-line', 10, 'cat /proc/cmdline'],
      ['unknown', 11, 'vmstat'],
    ]);
    expect(cutSections(text, 'x').notes).toEqual([
      { file: 'x', line: 1, message: expect.stringContaining('1 lines from here on') },
    ]);
  });

  it('keeps lines at their numbers where others stand between them', () => {
    const log = '[    5.000000] a line of a serial console';
    const { sections } = cutSections([lspci, log, log, '10: 00 00 00 00 00 00 00 00'].join('\n'), 'x');
    expect(sections[0]).toMatchObject({ kind: 'lspci', line: 1 });
    expect(sections[0]?.text.split('\n')).toEqual([lspci, '', '', '10: 00 00 00 00 00 00 00 00']);
  });

  it('gives the raw data at the end of iasl to iasl, and quoted lines to what they quote', () => {
    const text = '[000h 0000   4] Signature : "DMAR"\n\nRaw Table Data\n    0000: 44 4D 41 52 68 00 00 00\n';
    expect(cut(text)).toEqual([['iasl', 1, undefined]]);
    expect(cut(`> ${lspci}\n> > [    0.000000] Linux version 6.1 (x)`)).toEqual([
      ['lspci', 1, undefined],
      ['boot-log', 2, undefined],
    ]);
  });

  it.each([
    ['lspci', '0002:17:00.0 3D controller [0302]: NVIDIA Corporation GA100 [10de:20b0] (rev a1)'],
    ['lspci', '10000:e0:06.0 0604: 8086:a0b0'],
    ['lspci-machine-readable', '00:1f.2 "SATA controller" "Intel Corporation" "Device 2922" -r02'],
    ['lspci-tree', '-+-[10000:e0]-+-06.0-[e1]----00.0'],
    ['iomem', '  00100000-3ffd5fff : System RAM'],
    ['acpi-text', 'DMAR @ 0x00000000BFFE0000'],
    ['boot-log', 'May 22 09:35:09 host kernel: DMAR: DRHD: handling fault status reg 2'],
    ['boot-log', '2014-04-25T09:37:53.595431+01:00 kvmhost kernel: x'],
    ['boot-log', '(XEN) [VT-D]DMAR: reason 02 - Present bit'],
    ['boot-log', '{"MESSAGE":"x","_TRANSPORT":"kernel"}'],
    ['unknown', '{"schema":"x","MESSAGE":"y"}'],
    ['kernel-version', 'Linux host 5.0.0-36-generic #39~18.04.1-Ubuntu SMP Tue'],
    ['command-line', 'BOOT_IMAGE=/vmlinuz ro quiet'],
    ['unknown', '0000-001f : dma1'],
    ['unknown', '00:1f.2 is my disk'],
  ])('takes for %s: %s', (kind, line) => {
    expect(cut(line)).toEqual([[kind, 1, undefined]]);
  });

  it('stays bounded: a million sections, lines of megabytes', () => {
    const many = cutSections(`${rule}\n*** /proc/iomem\n0000000000-00 : x\n`.repeat(20_000), 'x');
    expect(many.sections).toHaveLength(1000);
    expect(many.notes[0]?.message).toMatch(/more than 1000 sections/);
    expect(cut(`${lspci}\n${'['.repeat(1_000_000)}`)).toEqual([['lspci', 1, undefined]]);
  });

  it('puts every line that is not blank into one section at most, at its number', () => {
    const line = fc.constantFrom(
      lspci,
      rule,
      '*** /proc/iomem',
      '# dmesg',
      '[    0.1] x',
      '0-1 : x',
      'x',
      '',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 30 }), (lines) => {
        const flat = lines.map((one) => one.replaceAll(/[\r\n]/g, ' '));
        const { sections } = cutSections(flat.join('\n'), 'x');
        const seen = new Set<number>();
        for (const { line: first, text } of sections) {
          for (const [index, one] of text.split('\n').entries()) {
            if (one === '') continue;
            expect(flat[first - 1 + index]).toBe(one);
            expect(seen.has(first + index)).toBe(false);
            seen.add(first + index);
          }
        }
      }),
    );
  });
});
