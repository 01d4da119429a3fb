import { kernelParameters, parameterName, withoutParameters } from './kernel-parameters.ts';
import type { ShellAssignment } from './shell-assignments.ts';

/** How one family of distributions makes the crash kernel's command line of the first kernel's and its configuration. */
export interface CrashCommandLineRules {
  /** Variable with a whole command line in place of the first kernel's. */
  readonly base: string;
  readonly append: string;
  /** Variable with the names of parameters that are taken out. */
  readonly remove?: string;
  /** Names that are always taken out of the first kernel's line. */
  readonly always: readonly string[];
  /** What the scripts add of themselves where the base is the first kernel's line. */
  readonly added: readonly string[];
  /** Variable with the number of processors, given as `nr_cpus`; `fallback` if it is not set, none if it is 0. */
  readonly processors?: { readonly variable: string; readonly fallback: string };
  /** What is appended where the configuration does not set it. */
  readonly appendDefault: string;
  /** What is added at the end unless a parameter of the same name stands there. */
  readonly last: readonly string[];
}

/** Fedora and RHEL: prepare_cmdline of kdump-lib.sh (rhkdump/kdump-utils). */
export const redHatRules: CrashCommandLineRules = {
  base: 'KDUMP_COMMANDLINE',
  append: 'KDUMP_COMMANDLINE_APPEND',
  remove: 'KDUMP_COMMANDLINE_REMOVE',
  always: [
    ...[
      'crashkernel',
      'panic_on_warn',
      'root',
      'rd.lvm.lv',
      'rd.luks.uuid',
      'rd.dm.uuid',
      'rd.md.uuid',
      'fcoe',
    ],
    ...['netroot', 'rd.iscsi.initiator', 'iscsi_initiator'],
  ],
  added: [],
  appendDefault: '',
  last: [],
};

/** SUSE: build_kdump_commandline of kdump's load.sh. */
export const suseRules: CrashCommandLineRules = {
  base: 'KDUMP_COMMANDLINE',
  append: 'KDUMP_COMMANDLINE_APPEND',
  always: [
    ...['root', 'resume', 'crashkernel', 'splash', 'mem', 'BOOT_IMAGE', 'showopts', 'zfcp.allow_lun_scan'],
    ...[
      'hugepages',
      'acpi_no_memhotplug',
      'cgroup_disable',
      'unknown_nmi_panic',
      'rd.udev.children-max',
      'notsc',
    ],
  ],
  added: [
    ...['sysrq=yes', 'reset_devices', 'acpi_no_memhotplug', 'cgroup_disable=memory', 'nokaslr', 'numa=off'],
    ...['irqpoll', 'root=kdump', 'rootflags=bind', 'rd.udev.children-max=8'],
  ],
  processors: { variable: 'KDUMP_CPUS', fallback: '1' },
  appendDefault: '',
  last: ['panic=1'],
};

/** Debian and Ubuntu: kdump-config of kdump-tools. */
export const debianRules: CrashCommandLineRules = {
  base: 'KDUMP_CMDLINE',
  append: 'KDUMP_CMDLINE_APPEND',
  always: ['crashkernel', 'hugepages', 'hugepagesz', 'abm'],
  added: [],
  appendDefault: 'reset_devices systemd.unit=kdump-tools-dump.service nr_cpus=1 irqpoll usbcore.nousb',
  last: [],
};

/** The command line that a configuration comes to. */
export interface CrashCommandLine {
  readonly value: string;
  /** The first kernel's line was needed and is not known: `value` is what is added to it. */
  readonly partial: boolean;
  /** Variables whose value only a shell can resolve. */
  readonly unresolved: readonly string[];
}

/**
 * What a kdump configuration makes the crash kernel's command line. Parameters that scripts take from the running machine
 * (`disable_cpu_apicid`, `elfcorehdr`) are not in it.
 */
export function crashCommandLine(
  rules: CrashCommandLineRules,
  variables: ReadonlyMap<string, ShellAssignment>,
  first: string | undefined,
): CrashCommandLine {
  const own = variables.get(rules.base)?.value.trim() ?? '';
  const removed = new Set(rules.always);
  const remove = rules.remove === undefined ? undefined : variables.get(rules.remove);
  for (const one of kernelParameters(remove?.value ?? '')) removed.add(parameterName(one));
  const added = [...rules.added, ...processorsOf(rules, variables)];
  const base =
    own === '' ? [...withoutParameters(first ?? '', removed), ...added] : ownBase(own, rules, removed);
  const appended = kernelParameters(variables.get(rules.append)?.value ?? rules.appendDefault);
  const line = [...base, ...appended];
  const names = new Set(line.map(parameterName));
  line.push(...rules.last.filter((one) => !names.has(parameterName(one))));
  const used = [rules.base, rules.append, ...(rules.remove === undefined ? [] : [rules.remove])];
  return {
    value: line.join(' '),
    partial: own === '' && first === undefined,
    unresolved: used.filter((name) => variables.get(name)?.unresolved === true),
  };
}

/** Red Hat's script edits also a command line of the configuration's own; the others take it as it is. */
function ownBase(own: string, rules: CrashCommandLineRules, removed: ReadonlySet<string>): string[] {
  return rules.remove === undefined ? kernelParameters(own) : withoutParameters(own, removed);
}

function processorsOf(
  { processors }: CrashCommandLineRules,
  variables: ReadonlyMap<string, ShellAssignment>,
): string[] {
  if (processors === undefined) return [];
  const set = variables.get(processors.variable)?.value.trim() || processors.fallback;
  return set === '0' ? [] : [`nr_cpus=${set}`];
}
