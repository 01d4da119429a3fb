import type { HostFacts } from '@quiesce/machine';
import { moduleName } from '../command-line/blacklisted-drivers.ts';
import type { DumpPath } from '../dump-path/resolve-dump-path.ts';
import { rule, sourceOf } from '../functions/evidence.ts';
import type { Advice } from '../result/assessment.ts';
import modules from './layer-modules.json' with { type: 'json' };

/** Advice that follows from what lies between the dump and the hardware. */
export function dumpPathAdvice(dumpPath: DumpPath | null, host: DriverFacts): Advice[] {
  if (dumpPath === null || dumpPath.functions.length === 0) return [];
  return [...omitted(dumpPath, host), ...encrypted(dumpPath), ...initialFileSystem(dumpPath, host)];
}

type DriverFacts = Pick<HostFacts, 'drivers' | 'omittedDrivers'>;

/** What the dump goes through must not be left out of the initial file system. */
function omitted({ functions }: DumpPath, { drivers, omittedDrivers = [] }: DriverFacts): Advice[] {
  const needed = new Set(functions.flatMap((name) => moduleName(drivers[name]?.value ?? '')));
  const those = omittedDrivers.filter(({ value }) => needed.has(moduleName(value)));
  if (those.length === 0) return [];
  const names = [...new Set(those.map(({ value }) => value))].join(', ');
  return [
    {
      kind: 'driver',
      severity: 'critical',
      topic: 'Do not omit the driver of the dump target',
      title: `Do not omit ${names} from the crash kernel's initramfs`,
      text: `The dump goes through ${names}, and kdump's configuration keeps it out: there is nothing to write the dump to.`,
      commands: ['/etc/kdump.conf: take it out of dracut_args --omit-drivers, then: kdumpctl rebuild'],
      evidence: those
        .slice(0, 4)
        .map((one) => ({ source: sourceOf(one), text: `--omit-drivers ${one.value}` })),
    },
  ];
}

function encrypted({ layers, steps }: DumpPath): Advice[] {
  if (!layers.includes('CRYPT') && !layers.includes('crypt')) return [];
  return [
    {
      kind: 'setting',
      severity: 'warning',
      title: 'Write the dump to a file system that is not encrypted',
      text: 'Somebody has to type the passphrase while the crash kernel waits, unless the production kernel hands the key over (x86-64 from Linux 6.16 on); and deriving the key takes some 512 MiB beyond what is usually reserved.',
      commands: [
        '/etc/kdump.conf: a partition without LUKS, or ssh USER@HOST',
        'kdumpctl estimate   # says what LUKS needs',
      ],
      evidence: [
        ...steps.filter(({ text }) => /crypt/i.test(text ?? '')).slice(0, 3),
        rule(
          'Documentation/admin-guide/kdump/kdump.rst',
          'CONFIG_CRASH_DM_CRYPT saves keys for the crash kernel',
        ),
      ],
    },
  ];
}

/** What has to be in the initial file system for the dump to be written at all. */
function initialFileSystem(
  { functions, layers, certainty }: DumpPath,
  host: Pick<HostFacts, 'drivers'>,
): Advice[] {
  const named = functions.flatMap((name) => host.drivers[name] ?? []);
  const drivers = named.map(({ value }) => value).filter((one) => /^[\w-]{1,64}$/.test(one));
  if (drivers.length === 0 || certainty === 'unknown') return [];
  const known: Readonly<Record<string, string>> = modules;
  const all = [...new Set([...drivers, ...layers.flatMap((one) => known[one] ?? [])])];
  const pattern = all.map((one) => one.replaceAll(/[-_]/g, '[-_]')).join('|');
  return [
    {
      kind: 'driver',
      severity: 'note',
      topic: "Make sure that the crash kernel's initramfs has what the dump's way needs",
      title: `Make sure that the crash kernel's initramfs has ${all.join(', ')}`,
      text: 'The dump goes through these: without one of them it is lost, whatever is done about leftover DMA. Built-in ones are not listed there.',
      commands: [
        `lsinitrd /boot/initramfs-$(uname -r)kdump.img | grep -E '/(${pattern})[.]ko'`,
        `Debian, Ubuntu: lsinitramfs /var/lib/kdump/initrd.img-$(uname -r) | grep -E '/(${pattern})[.]ko'`,
      ],
      evidence: [
        ...named.slice(0, 4).map((one) => ({ source: sourceOf(one), text: `driver ${one.value}` })),
        rule(
          'Documentation/admin-guide/kdump/kdump.rst',
          'the crash kernel needs the drivers of its dump target',
        ),
      ],
    },
  ];
}
