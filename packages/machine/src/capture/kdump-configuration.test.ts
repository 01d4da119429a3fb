import { describe, expect, it } from 'vitest';
import { readKdumpConfiguration } from './kdump-configuration.ts';
import type { FactText } from './section-reader.ts';
import { shellAssignments } from './shell-assignments.ts';

const file = (path: string, text: string): FactText => {
  return { kind: 'kdump-configuration', file: `/${path}`, line: 1, path, text };
};
const first = 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet crashkernel=256M intel_iommu=on';

describe('shellAssignments', () => {
  it('reads quotes, continued lines, exports and comments as a shell does', () => {
    const text = [
      '# A="no"',
      'A="one two"',
      "export B='x $y'",
      'C=plain # comment',
      'D="a \\',
      'b"',
      'A+=" three"',
      'E=$(uname -r)',
      'F="say \\"hi\\""',
      'G="X=1',
      'H=2"',
      'A2=',
    ].join('\n');
    const read = shellAssignments(text);
    expect([...read].map(([name, { value, line }]) => [name, value, line])).toEqual([
      ['A', 'one two three', 7],
      ['B', 'x $y', 3],
      ['C', 'plain', 4],
      ['D', 'a b', 5],
      ['E', '$(uname', 8],
      ['F', 'say "hi"', 9],
      ['G', 'X=1\nH=2', 10],
      ['A2', '', 12],
    ]);
    expect(read.get('E')?.unresolved).toBe(true);
    expect(read.get('B')?.unresolved).toBe(false);
  });
});

describe('readKdumpConfiguration', () => {
  it('composes the crash command line as RHEL and Fedora do', () => {
    const { crashCommandLine, dumpDestination, notes } = readKdumpConfiguration(
      [
        file(
          'etc/kdump.conf',
          '# nfs old:/x\npath /var/crash\nnfs server:/export\ncore_collector makedumpfile -l\n',
        ),
        file(
          'etc/sysconfig/kdump',
          'KDUMP_COMMANDLINE=""\nKDUMP_COMMANDLINE_REMOVE="quiet hugepages"\nKDUMP_COMMANDLINE_APPEND="irqpoll nr_cpus=1 reset_devices"\n',
        ),
      ],
      first,
    );
    expect(crashCommandLine).toEqual({
      value: 'BOOT_IMAGE=/vmlinuz ro intel_iommu=on irqpoll nr_cpus=1 reset_devices',
      file: '/etc/sysconfig/kdump',
      line: 3,
    });
    expect(dumpDestination).toEqual({
      value: 'nfs server:/export /var/crash',
      file: '/etc/kdump.conf',
      line: 3,
    });
    expect(notes).toEqual([]);
  });

  it('composes it as SUSE does, with processors and panic', () => {
    const text =
      'KDUMP_CPUS="2"\nKDUMP_COMMANDLINE=""\nKDUMP_COMMANDLINE_APPEND="x=1"\nKDUMP_SAVEDIR="ssh://u@h/var"\n';
    const { crashCommandLine, dumpDestination } = readKdumpConfiguration(
      [file('etc/sysconfig/kdump', text)],
      first,
    );
    expect(crashCommandLine?.value).toMatch(
      /^ro quiet intel_iommu=on sysrq=yes reset_devices .* nr_cpus=2 x=1 panic=1$/,
    );
    expect(dumpDestination).toEqual({ value: 'ssh://u@h/var', file: '/etc/sysconfig/kdump', line: 4 });
  });

  it('composes it as Debian and Ubuntu do, with what kdump-tools appends by itself', () => {
    const text = '#KDUMP_CMDLINE=""\nUSE_KDUMP=1\nKDUMP_COREDIR="/var/crash"\n#NFS="x:/y"\n';
    const { crashCommandLine, dumpDestination } = readKdumpConfiguration(
      [file('etc/default/kdump-tools', text)],
      first,
    );
    expect(crashCommandLine).toEqual({
      value:
        'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet intel_iommu=on ' +
        'reset_devices systemd.unit=kdump-tools-dump.service nr_cpus=1 irqpoll usbcore.nousb',
      file: '/etc/default/kdump-tools',
    });
    expect(dumpDestination?.value).toBe('/var/crash');
  });

  it('takes a command line of its own in place of the first one, and says what it cannot know', () => {
    const own = 'KDUMP_CMDLINE="root=/dev/x"\nKDUMP_CMDLINE_APPEND="irqpoll $EXTRA"\n';
    const { crashCommandLine, notes } = readKdumpConfiguration(
      [file('etc/default/kdump-tools', own)],
      undefined,
    );
    expect(crashCommandLine?.value).toBe('root=/dev/x irqpoll $EXTRA');
    expect(notes.map((one) => one.message)).toEqual([
      expect.stringMatching(/KDUMP_CMDLINE_APPEND holds what only a shell/),
    ]);
    const partial = readKdumpConfiguration(
      [file('etc/default/kdump-tools', 'KDUMP_CMDLINE_APPEND="irqpoll"')],
      undefined,
    );
    expect(partial.notes.map((one) => one.message)).toEqual([
      expect.stringMatching(/first kernel's command line is not known/),
    ]);
    expect(readKdumpConfiguration([file('etc/sysconfig/kdump', 'nonsense')], first).notes).toHaveLength(1);
  });
});
