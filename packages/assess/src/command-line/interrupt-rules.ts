import { type CommandLineContext, type CommandLineFinding, finding, Rule } from './command-line-finding.ts';
import { CrashParameters } from './crash-parameters.ts';
import { isX86 } from './platform-kinds.ts';
import record from './record-evidence.json' with { type: 'json' };

/** Interrupt controllers, interrupt remapping, and how devices raise interrupts. */
export function interruptRules(line: CrashParameters, context: CommandLineContext): CommandLineFinding[] {
  const first = new CrashParameters(context.firstCommandLine ?? '');
  return [
    ...controllers(line, context),
    ...remapping(line, first, context),
    ...spurious(line),
    ...messages(line),
  ];
}

function controllers(line: CrashParameters, { platform }: CommandLineContext): CommandLineFinding[] {
  if (!isX86(platform)) return [];
  const findings: CommandLineFinding[] = [];
  for (const name of ['noapic', 'nolapic', 'disableapic']) {
    if (!line.has(name)) continue;
    const text =
      name === 'noapic'
        ? 'Without the IO-APIC pin interrupts go through the 8259, which machines of today often do not wire up: disks may get none.'
        : 'Without the local APIC there are no message interrupts and no timer of the processor: most drivers of today find no interrupt.';
    findings.push(
      finding('warning', name, `${name} takes interrupts from devices`, text, [
        Rule.parameters,
        `${name}: do not use the controller`,
      ]),
    );
  }
  return findings;
}

function remapping(
  line: CrashParameters,
  first: CrashParameters,
  { platform }: CommandLineContext,
): CommandLineFinding[] {
  if (!isX86(platform) || platform === 'none') return [];
  const off = (one: CrashParameters): boolean =>
    one.has('nointremap') || one.lastOf('intremap', ['on', 'off']) === 'off';
  const findings: CommandLineFinding[] = [];
  const written = line.last('intremap')?.written ?? 'nointremap';
  if (off(line) && !off(first)) {
    const text =
      'If the production kernel uses interrupt remapping, the crash kernel switches it off, and messages in ' +
      'remappable format that devices still send mean nothing then. x2APIC mode cannot go on without it where APIC IDs ' +
      'need more than 8 bits.';
    const { source, text: says } = record.withoutRemapping;
    findings.push(
      finding(
        'warning',
        written,
        'Interrupt remapping goes off in the crash kernel',
        text,
        [Rule.parameters, 'intremap=off'],
        [source, says],
      ),
    );
  }
  if (line.has('nox2apic') && !first.has('nox2apic')) {
    const text =
      'If the production kernel or the firmware has put processors into x2APIC mode, the crash kernel finds them in it, and ' +
      'a processor whose APIC ID is above 254 cannot be used at all in the older mode.';
    findings.push(
      finding(
        'warning',
        'nox2apic',
        'x2APIC mode is refused by the crash kernel alone',
        text,
        [Rule.parameters, 'nox2apic: the mode is not switched on'],
        ['Intel SDM 3A, 10.12.5', 'x2APIC mode is left by way of a disabled APIC alone'],
      ),
    );
  }
  if (off(line) && !line.has('nox2apic') && first.has('x2apic_phys')) {
    const text = 'x2apic_phys asks for a mode that interrupt remapping makes possible.';
    findings.push(
      finding('note', written, 'The production kernel relies on x2APIC mode', text, [
        Rule.parameters,
        'x2apic_phys',
      ]),
    );
  }
  return findings;
}

function spurious(line: CrashParameters): CommandLineFinding[] {
  if (line.has('irqpoll')) {
    const text =
      'When an interrupt line is stuck because of a device that nobody drives, every handler is asked. It finds lost pin ' +
      'interrupts, not messages.';
    return [
      finding('good', 'irqpoll', 'Interrupt lines that are stuck are polled', text, [
        Rule.kdump,
        'irqpoll is recommended for shared interrupts after a crash',
      ]),
    ];
  }
  const text =
    'A device that the production kernel drove may keep a shared pin interrupt raised. Without irqpoll the line is switched ' +
    'off once nobody handles it, and the disk controller that shares it is deaf.';
  return [
    finding('note', 'irqpoll', 'Stuck interrupt lines are not polled', text, [
      Rule.kdump,
      'irqpoll is recommended for shared interrupts after a crash',
    ]),
  ];
}

function messages(line: CrashParameters): CommandLineFinding[] {
  if (line.lastOf('pci', ['nomsi']) === undefined) return [];
  const text =
    'Drivers fall back to pins, which most devices of today share or do not have: virtual functions and many NVMe drives ' +
    'have none. Drivers that insist on messages do not load.';
  return [
    finding(
      'warning',
      'pci=nomsi',
      'No message interrupts in the crash kernel',
      text,
      [Rule.parameters, 'pci=nomsi: no device uses messages'],
      ['SR-IOV 2.2.1', 'virtual functions have no pin'],
    ),
  ];
}
