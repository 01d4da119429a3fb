import { describe, expect, it } from 'vitest';
import { withDumpPath } from '../dump-path/with-dump-path.ts';
import { functionFindings } from '../functions/function-findings.ts';
import { lintCrashLine } from '../result/lint-crash-line.ts';
import { below, madeUpHost, virtual } from '../testing/made-up-host.ts';
import { simulatedWorld } from '../world/simulated-world.ts';
import { withoutBlacklistedDrivers } from '../world/without-blacklisted-drivers.ts';
import { standingAdvice } from './standing-advice.ts';

const SATA = '0000:00:1f.2';
const host = madeUpHost({
  'etc/kdump.conf': 'path /var/crash\n',
  'proc/self/mountinfo': '27 1 253:0 / / rw - xfs /dev/mapper/luks-x rw\n',
  'sys/class/block/sda1': below(SATA, 'ata1/host0/block/sda/sda1'),
  'sys/class/block/dm-0': virtual('block/dm-0'),
  'sys/class/block/dm-0/dm/name': 'luks-x\n',
  'sys/class/block/dm-0/dm/uuid': 'CRYPT\n',
  'sys/class/block/dm-0/slaves': 'sda1\n',
});
const { imported, dumpPath } = withDumpPath(host);
const machine = imported.machine as NonNullable<typeof imported.machine>;

describe('what lies between the dump and its function', () => {
  const advice = standingAdvice(machine, imported.host, dumpPath);

  it('has to be in the initial file system', () => {
    const one = advice.find(({ title }) => title.includes('initramfs has'));
    expect(one?.title).toBe("Make sure that the crash kernel's initramfs has ahci, xfs, dm-crypt, sd_mod");
    expect(one?.commands[0]).toContain("grep -E '/(ahci|xfs|dm[-_]crypt|sd[-_]mod)[.]ko'");
  });

  it('is better not encrypted', () => {
    const one = advice.find(({ title }) => title.includes('not encrypted'));
    expect(one?.severity).toBe('warning');
    expect(one?.evidence[0]).toEqual({
      source: 'sys/class/block/dm-0/slaves line 1',
      text: 'dm-0 is made of (CRYPT) sda1',
    });
  });

  it('is not spoken of where nothing is known of it', () => {
    expect(standingAdvice(machine, imported.host).map(({ title }) => title)).toEqual([]);
  });
});

describe('the driver of the dump target', () => {
  const lint = (line: string) => lintCrashLine(imported, simulatedWorld(imported), line, dumpPath);

  it('must not be left out of the crash kernel', () => {
    const finding = lint('irqpoll rd.driver.blacklist=nouveau,ahci').find(({ parameter }) =>
      parameter.includes('ahci'),
    );
    expect(finding).toMatchObject({
      severity: 'critical',
      title: 'The driver of the dump target is left out',
    });
    const other = lint('modprobe.blacklist=e1000e').find(({ parameter }) => parameter.includes('e1000e'));
    expect(other).toMatchObject({ severity: 'note', title: 'Drivers are left out' });
  });

  it('must not be left out of its initial file system either', () => {
    const omittedDrivers = [{ value: 'ahci', file: 'etc/kdump.conf', line: 2 }];
    const [first] = standingAdvice(machine, { ...imported.host, omittedDrivers }, dumpPath);
    expect(first).toMatchObject({
      severity: 'critical',
      title: "Do not omit ahci from the crash kernel's initramfs",
      evidence: [{ source: 'etc/kdump.conf line 2', text: '--omit-drivers ahci' }],
    });
    const without = withoutBlacklistedDrivers(machine, { ...imported.host, omittedDrivers }, '').machine;
    expect(without.functions.find(({ name }) => name === SATA)?.driver.second).toBe(false);
  });

  it('is not in the simulated crash kernel either', () => {
    const { machine: without, said } = withoutBlacklistedDrivers(
      machine,
      imported.host,
      'modprobe.blacklist=megaraid-sas,nvme module_blacklist=x',
    );
    const left = (name: string) => without.functions.find((one) => one.name === name)?.driver.second;
    expect([SATA, '0000:00:06.0', '0000:00:07.0', '0000:00:08.0'].map(left)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(said).toEqual([
      "The crash kernel does not have these drivers, by its command line or kdump's configuration: nvme (2 functions), megaraid_sas (1 function).",
    ]);
    expect(withoutBlacklistedDrivers(machine, imported.host, 'quiet')).toEqual({ machine, said: [] });
  });
});

it('each function that the dump goes through is said to be one', () => {
  const roles = functionFindings(machine, imported.host, [SATA, '0000:00:06.0']).map(({ role }) => role);
  expect(roles.filter((role) => role !== undefined)).toEqual(['the dump goes through it', 'dump target']);
});
