import type { ImportNote } from '../description/machine.ts';
import type { LoggedBoot } from '../import/boot-record.ts';
import type { Iomem } from '../import/iomem.ts';
import type { ListedFunction } from '../import/machine-of-parts.ts';
import type { SysfsFile } from '../import/sysfs-file.ts';
import type { CaptureReading } from './capture-reader.ts';
import { crashKernelBytes } from './crash-kernel-bytes.ts';
import { dumpPathFacts } from './dump-path/dump-path-facts.ts';
import type { HostFacts, Stated } from './host-facts.ts';
import type { CaptureConflict } from './imported-capture.ts';
import { readKdumpConfiguration } from './kdump-configuration.ts';
import { kernelParameters } from './kernel-parameters.ts';
import { kernelReleases, kernelVersionOf } from './kernel-release-of.ts';
import type { PlacedTable } from './merge-tables.ts';
import { platformOf } from './platform-of.ts';
import type { FactText, ReadSource } from './section-reader.ts';
import { sysfsNumber, sysfsText } from './sysfs-fact.ts';

/** What was read and merged before. */
export interface HostFactSources {
  readonly reading: CaptureReading;
  readonly functions: readonly ListedFunction[];
  readonly tables: readonly PlacedTable[];
  /** The boot that describes the machine, then others. */
  readonly boots: readonly LoggedBoot[];
  readonly iomem: ReadSource<Iomem> | undefined;
}

/** What a capture says of the system that ran on the machine. Contradictions go to `conflicts`. */
export function hostFactsOf(
  sources: HostFactSources,
  conflicts: CaptureConflict[],
): { readonly host: HostFacts; readonly notes: readonly ImportNote[] } {
  const { reading, functions, boots } = sources;
  const { facts, sysfsFiles } = reading;
  const boot = boots[0];
  const crashed = reading.bootLogs.flatMap((log) => log.boots).find(isCrashKernel);
  const release = chosen('kernelRelease', [...kernelReleases(facts), boot?.kernelRelease], conflicts);
  const version =
    release === undefined
      ? undefined
      : (kernelVersionOf(facts, release.value) ??
        (boot?.kernelRelease?.value === release.value ? boot.kernelVersion : undefined));
  const logged = boot?.crashKernel === true ? undefined : boot?.commandLine;
  const stated = commandLines(facts);
  // What a boot loader gives is printed first; a kernel with parameters of its own puts these before it.
  const extended = logged !== undefined && isPartOf(logged.value, stated[0]?.value ?? '');
  const commandLine = chosen('commandLine', extended ? stated : [...stated, logged], conflicts);
  const kdump = readKdumpConfiguration(
    facts.filter((one) => one.kind === 'kdump-configuration'),
    commandLine?.value,
  );
  const crashLine = kdump.crashCommandLine ?? crashed?.commandLine;
  const loaded = sysfsNumber(sysfsFiles, ['sys/kernel/kexec_crash_loaded', 'sys/kernel/kexec/crash_loaded']);
  const bytes = chosen('crashKernelBytes', crashKernelBytes(sources), conflicts);
  const model = modelOf(sysfsFiles);
  const display = displayOf(sources);
  const platform = platformOf({
    facts,
    tables: sources.tables,
    functions,
    sysfsFiles,
    unread: reading.unread,
    boots,
    kernelRelease: release,
  });
  const dumpPath = dumpPathFacts(sysfsFiles, facts, boot);
  const host: HostFacts = {
    platform,
    ...(model === undefined ? {} : { model }),
    ...(release === undefined ? {} : { kernelRelease: release }),
    ...(version === undefined ? {} : { kernelVersion: version }),
    ...(commandLine === undefined ? {} : { commandLine }),
    ...(crashLine === undefined ? {} : { crashCommandLine: crashLine }),
    ...(loaded === undefined ? {} : { crashKernelLoaded: { ...loaded, value: loaded.value !== 0 } }),
    ...(bytes === undefined ? {} : { crashKernelBytes: bytes }),
    ...(kdump.dumpDestination === undefined ? {} : { dumpDestination: kdump.dumpDestination }),
    ...(kdump.omittedDrivers.length === 0 ? {} : { omittedDrivers: kdump.omittedDrivers }),
    ...dumpPath.facts,
    drivers: driversOf(sources),
    ...(display === undefined ? {} : { bootDisplay: display }),
    resetMethods: resetMethodsOf(sources),
    iommuGroups: groupsOf(sources),
    remappingLines: boot?.remappingLines ?? [],
  };
  return { host, notes: [...kdump.notes, ...dumpPath.notes] };
}

/** The first that is stated; one that says something else is a conflict. */
function chosen<Value extends string | number>(
  what: string,
  stated: readonly (Stated<Value> | undefined)[],
  conflicts: CaptureConflict[],
): Stated<Value> | undefined {
  const all = stated.filter((one) => one !== undefined);
  const first = all[0];
  const other = all.find((one) => one.value !== first?.value);
  if (first !== undefined && other !== undefined) {
    const said = [first, other].map((one) => ({ ...one, value: String(one.value) }));
    conflicts.push({
      what,
      said,
      used: String(first.value),
      reason: 'small files of the machine before its boot log',
    });
  }
  return first;
}

function isPartOf(shorter: string, longer: string): boolean {
  const all = new Set(kernelParameters(longer));
  return kernelParameters(shorter).every((one) => all.has(one));
}

function isCrashKernel({ crashKernel, commandLine }: LoggedBoot): boolean {
  return crashKernel && commandLine !== undefined;
}

/** `/proc/cmdline`, or a line with it. */
function commandLines(facts: readonly FactText[]): Stated<string>[] {
  return facts
    .filter((one) => one.kind === 'command-line')
    .flatMap(({ text, file, line }) => {
      const lines = text.slice(0, 65_536).split('\n');
      const index = lines.findIndex((one) => one.trim() !== '');
      return index < 0 ? [] : [{ value: (lines[index] as string).trim(), file, line: line + index }];
    });
}

function driversOf({ functions, boots }: HostFactSources): Record<string, Stated<string>> {
  const drivers: Record<string, Stated<string>> = {};
  for (const one of functions) {
    if (one.kernelDriver !== undefined) {
      const place =
        one.driverFile === undefined ? { file: one.file, line: one.line } : { file: one.driverFile };
      drivers[one.name] = { value: one.kernelDriver, ...place };
    }
    if (one.driverKnown) continue;
    const logged = boots[0]?.drivers.get(one.name);
    if (logged !== undefined) drivers[one.name] ??= logged;
  }
  return drivers;
}

/** `Dell Inc. PowerEdge R740` */
function modelOf(files: readonly SysfsFile[]): Stated<string> | undefined {
  const [maker, product] = ['sys_vendor', 'product_name'].map(
    (name) =>
      sysfsText(files, `sys/class/dmi/id/${name}`) ?? sysfsText(files, `sys/devices/virtual/dmi/id/${name}`),
  );
  const known = product ?? maker;
  if (known === undefined) return undefined;
  return { ...known, value: [maker?.value, product?.value].filter((one) => one !== undefined).join(' ') };
}

function displayOf({ reading, boots }: HostFactSources): Stated<string> | undefined {
  for (const { name, bootDisplay } of reading.sysfs?.functions ?? []) {
    if (bootDisplay !== undefined) return { ...bootDisplay, value: name };
  }
  const logged = boots[0]?.functions.find((one) => one.bootDisplay);
  return logged === undefined
    ? undefined
    : { value: logged.name, file: boots[0]?.file ?? '', line: logged.line };
}

function resetMethodsOf({ reading }: HostFactSources): Record<string, Stated<string>> {
  const methods: Record<string, Stated<string>> = {};
  for (const { name, resetMethod } of reading.sysfs?.functions ?? []) {
    if (resetMethod !== undefined) methods[name] = resetMethod;
  }
  return methods;
}

function groupsOf({ reading, boots }: HostFactSources): Record<string, Stated<number>> {
  const groups: Record<string, Stated<number>> = Object.fromEntries(boots[0]?.iommuGroups ?? []);
  for (const { name, iommuGroup } of reading.sysfs?.functions ?? []) {
    if (iommuGroup !== undefined) groups[name] = iommuGroup;
  }
  return groups;
}
