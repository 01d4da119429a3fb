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
  if (Number.isFinite(count) && count > 1 && isX86(context.platform, false) && !line.has('disable_cpu_apicid')) {
    const text =
      'With more than one processor the crash kernel wakes the former boot processor with INIT, which may reset the ' +
      'machine or hang it. disable_cpu_apicid= with the APIC ID of the boot processor leaves that one alone.';
    findings.push(
      finding('critical', 'disable_cpu_apicid=', 'Several processors, and the boot processor is not left out', text, [
        Rule.parameters,
        'disable_cpu_apicid=: to avoid what follows when an application processor sends INIT to the boot processor',
      ]),
    );
  }
  if (possible === 1 && line.has('disable_cpu_apicid')) {
    const text = 'One processor wakes no other: the parameter does no harm, and is of no use.';
    findings.push(finding('good', line.last('disable_cpu_apicid')?.written as string, 'The boot processor is left alone', text, [Rule.kdump, 'for crash kernels with several processors']));
  }
  return findings;
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
    ['arch/x86/kernel/apic/vector.c', `about ${VECTORS_PER_PROCESSOR} vectors of a processor are free for devices`],
    ['config space', `${machine.interruptFunctions} functions with MSI or MSI-X, ${machine.ports} of them ports, ${machine.messages} messages at most`],
    ['kdump-utils, pull request 9', 'crash kernels on one processor of machines with many devices hung for want of vectors; ports took many'],
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
