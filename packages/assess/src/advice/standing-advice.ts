import type { HostFacts, Machine, Stated } from '@quiesce/machine';
import type { Evidence } from '@quiesce/report';
import type { DumpPath } from '../dump-path/resolve-dump-path.ts';
import { rule, sourceOf } from '../functions/evidence.ts';
import { MachineView } from '../functions/machine-view.ts';
import type { Advice } from '../result/assessment.ts';
import { parametersOf } from '../simulation/with-parameters.ts';
import { dumpPathAdvice } from './dump-path-advice.ts';

const MIB = 2 ** 20;
/** Less than this was never enough for a distribution's crash kernel. */
const SMALL_RESERVATION = 128 * MIB;

/** Advice that follows from a fact and a rule, and that no simulation can weigh. */
export function standingAdvice(
  machine: Machine,
  host: HostFacts,
  dumpPath: DumpPath | null = null,
): Advice[] {
  return [
    ...reservation(host),
    ...loaded(host),
    ...behindVolumeManagement(machine),
    ...dumpPathAdvice(dumpPath, host),
  ];
}

function reservation(host: HostFacts): Advice[] {
  const { crashKernelBytes, commandLine } = host;
  if (crashKernelBytes !== undefined) {
    if (crashKernelBytes.value === 0)
      return [noReservation(statedAs(crashKernelBytes, '0 bytes are reserved'))];
    if (crashKernelBytes.value >= SMALL_RESERVATION) return [];
    const mib = Math.floor(crashKernelBytes.value / MIB);
    return [
      {
        kind: 'setting',
        severity: 'warning',
        topic: 'Reserve more memory for the crash kernel',
        title: `Reserve more than ${mib} MiB for the crash kernel`,
        text: 'A crash kernel with drivers, file systems and makedumpfile that runs out of memory writes no dump.',
        commands: ['production kernel: crashkernel=256M'],
        evidence: [statedAs(crashKernelBytes, `${mib} MiB are reserved`)],
      },
    ];
  }
  if (
    commandLine === undefined ||
    parametersOf(commandLine.value).some((one) => one.startsWith('crashkernel='))
  )
    return [];
  return [noReservation(statedAs(commandLine, 'crashkernel= is not among its parameters'))];
}

function noReservation(evidence: Evidence): Advice {
  return {
    kind: 'setting',
    severity: 'critical',
    title: 'Reserve memory for a crash kernel',
    text: 'No memory is reserved for a crash kernel: there is none to boot, and no dump.',
    commands: ['production kernel: crashkernel=256M'],
    evidence: [
      evidence,
      rule('Documentation/admin-guide/kdump/kdump.rst', 'the crash kernel runs in memory reserved at boot'),
    ],
  };
}

function loaded(host: HostFacts): Advice[] {
  const { crashKernelLoaded } = host;
  if (crashKernelLoaded === undefined || crashKernelLoaded.value) return [];
  return [
    {
      kind: 'setting',
      severity: 'critical',
      title: 'Load a crash kernel',
      text: 'No crash kernel is loaded: a panic ends in a reset or in nothing, and there is no dump.',
      commands: ['systemctl enable --now kdump   # Debian, Ubuntu: kdump-tools'],
      evidence: [statedAs(crashKernelLoaded, 'kexec_crash_loaded is 0')],
    },
  ];
}

/** A dump target in a PCI domain that a driver makes is reached through that driver alone. */
function behindVolumeManagement(machine: Machine): Advice[] {
  const view = new MachineView(machine);
  const target = machine.dumpTarget === undefined ? undefined : view.byName(machine.dumpTarget);
  const behind = view.functions.filter(({ host }) => host !== undefined);
  const host = target?.host ?? behind[0]?.host;
  if (host === undefined) return [];
  const isTarget = target?.host !== undefined;
  return [
    {
      kind: 'driver',
      severity: isTarget ? 'warning' : 'note',
      topic: 'Have the driver vmd in the crash kernel',
      title: `Have the driver vmd in the crash kernel if the dump goes to a drive behind ${host.name}`,
      text: `${behind.length} functions stand in a PCI domain that this driver makes: without it they do not exist.`,
      commands: [
        'dracut: add_drivers+=" vmd " in /etc/dracut.conf.d/kdump.conf, then: kdumpctl rebuild',
        'Debian, Ubuntu: add vmd to /etc/initramfs-tools/modules, then: update-initramfs -u',
      ],
      evidence: [
        { source: `config ${host.name} +0x00`, text: 'a Volume Management Device' },
        rule('drivers/pci/controller/vmd.c', 'the driver enumerates the domain behind the device'),
      ],
    },
  ];
}

function statedAs(fact: Stated<unknown>, text: string): Evidence {
  return { source: sourceOf(fact), text };
}
