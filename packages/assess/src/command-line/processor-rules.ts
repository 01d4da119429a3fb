import { compareKernelVersions, parseKernelVersion } from '@quiesce/machine';
import { type CommandLineContext, type CommandLineFinding, finding, Rule } from './command-line-finding.ts';
import type { CrashParameters } from './crash-parameters.ts';
import { isX86 } from './platform-kinds.ts';

/** How many processors the crash kernel brings up, and on which it begins. */
export function processorRules(line: CrashParameters, context: CommandLineContext): CommandLineFinding[] {
  const findings: CommandLineFinding[] = [];
  const one = line.has('nosmp') || line.number('maxcpus') === 0;
  const possible = line.number('nr_cpus');
  const started = one ? 1 : line.number('maxcpus');
  const count = Math.min(possible ?? Number.POSITIVE_INFINITY, started ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(count)) {
    const text =
      'The crash kernel brings up every processor: that costs memory for each of them, and on x86 the processor that ' +
      'crashed need not be the boot processor, which resets the machine when it is sent an INIT.';
    findings.push(
      finding('warning', 'nr_cpus=1', 'Nothing limits the processors of the crash kernel', text, [
        Rule.kdump,
        'boot with one processor: nr_cpus=1 where the architecture has it, maxcpus=1 elsewhere',
      ]),
    );
  }
  if (possible === undefined && started !== undefined && isX86(context.platform)) {
    const text =
      'maxcpus= limits the processors that are started, not those that memory is set aside for; nr_cpus= limits both, ' +
      'which a small reservation needs.';
    findings.push(
      finding('note', line.last('maxcpus')?.written ?? 'nosmp', 'nr_cpus=1 would save memory', text, [
        Rule.kdump,
        'maxcpus=1 is for kernels without nr_cpus=',
      ]),
    );
  }
  return [...findings, ...bootProcessor(line, context, count)];
}

/** Since then the kernel sees for itself that it does not run on the boot processor (arch/x86/kernel/cpu/topology.c). */
const SEES_BOOT_PROCESSOR: readonly number[] = [6, 9];

function bootProcessor(
  line: CrashParameters,
  { platform, kernelRelease }: CommandLineContext,
  count: number,
): CommandLineFinding[] {
  const excluded = line.last('disable_cpu_apicid');
  const version = kernelRelease === undefined ? undefined : parseKernelVersion(kernelRelease);
  if (version !== undefined && compareKernelVersions(version, SEES_BOOT_PROCESSOR) >= 0) {
    if (excluded === undefined) return [];
    const text =
      'Kernels since 6.9 see for themselves that they do not run on the boot processor, and no longer know the ' +
      'parameter. It does no harm.';
    return [
      finding('note', excluded.written, 'disable_cpu_apicid= is gone', text, [
        'arch/x86/kernel/cpu/topology.c',
        'check_for_real_bsp took the place of the parameter in 6.9',
      ]),
    ];
  }
  if (excluded !== undefined) {
    const text =
      count === 1
        ? 'One processor wakes no other: the parameter does no harm, and is of no use.'
        : 'The crash kernel does not send INIT to the boot processor, which could reset the machine.';
    return [
      finding('good', excluded.written, 'The boot processor is left alone', text, [
        Rule.parameters,
        'disable_cpu_apicid=',
      ]),
    ];
  }
  if (!Number.isFinite(count) || count < 2 || !isX86(platform)) return [];
  const text =
    'With more than one processor the crash kernel wakes the former boot processor with INIT, which may reset the machine ' +
    'or hang it. disable_cpu_apicid= with the APIC ID of the boot processor, mostly 0, leaves that one alone.';
  const known = version !== undefined && isX86(platform, false);
  return [
    finding(
      known ? 'critical' : 'warning',
      'disable_cpu_apicid=',
      'Several processors, and the boot processor is not left out',
      known ? text : `Before 6.9 on x86: ${text}`,
      [
        Rule.parameters,
        'disable_cpu_apicid=: for crash kernels, against INIT from an application processor to the boot processor',
      ],
    ),
  ];
}

/** Vectors of one processor that are free for devices: 256 without exceptions, system calls and the kernel's own. */
const VECTORS_PER_PROCESSOR = 200;
/** Above this share of them a few drivers that take more than one leave none for others. */
const CROWDED = 0.8;

/** Interrupt vectors on x86 belong to processors: few processors have few. */
export function vectorRules(line: CrashParameters, context: CommandLineContext): CommandLineFinding[] {
  const { machine } = context;
  if (machine === undefined || !isX86(context.platform)) return [];
  if (line.lastOf('pci', ['nomsi']) !== undefined) return [];
  const processors = line.number('nr_cpus') ?? line.number('maxcpus') ?? machine.processors;
  if (processors === undefined || processors < 1) return [];
  const vectors = processors * VECTORS_PER_PROCESSOR;
  const withoutPorts = line.last('pcie_ports')?.value === 'compat';
  const least = machine.interruptFunctions - (withoutPorts ? machine.ports : 0);
  const evidence: readonly [string, string][] = [
    [
      'arch/x86/kernel/apic/vector.c',
      `about ${VECTORS_PER_PROCESSOR} vectors of a processor are free for devices`,
    ],
    [
      'config space',
      `${machine.interruptFunctions} functions with MSI or MSI-X, ${machine.ports} of them ports, ${machine.messages} messages at most`,
    ],
    [
      'kdump-utils, pull request 9',
      'crash kernels on one processor of machines with many devices hung for want of vectors; ports took many',
    ],
  ];
  const parameter = line.last('nr_cpus')?.written ?? line.last('maxcpus')?.written ?? 'nr_cpus=';
  if (least > CROWDED * vectors) {
    const text =
      `${least} functions want an interrupt each, and ${processors === 1 ? 'one processor has' : `${processors} processors have`} ` +
      `about ${vectors} vectors: a driver that gets none fails, and it may be that of the dump target. ` +
      (withoutPorts || machine.ports === 0
        ? 'Leave drivers out of the crash kernel that the dump does not need.'
        : `pcie_ports=compat leaves out ${machine.ports} of them.`);
    return [finding('critical', parameter, 'Too few interrupt vectors for this machine', text, ...evidence)];
  }
  if (machine.messages > vectors) {
    const text =
      `Devices could send ${machine.messages} messages, and there are about ${vectors} vectors. Drivers that ask by the ` +
      'number of processors take few; a driver that asks for all that its device has takes them from others.';
    return [finding('note', parameter, 'Fewer interrupt vectors than devices could use', text, ...evidence)];
  }
  const text = `${least} functions with an interrupt each, about ${vectors} vectors.`;
  return [finding('good', parameter, 'Interrupt vectors suffice', text, ...evidence)];
}
