import { isKernelWithin, kernelOrigin } from '@quiesce/machine';
import { type CommandLineContext, type CommandLineFinding, finding, Rule } from './command-line-finding.ts';
import type { CrashParameters } from './crash-parameters.ts';
import record from './record-evidence.json' with { type: 'json' };
import resetting from './resetting-drivers.json' with { type: 'json' };

/** What makes the kernel one that saves a dump: its devices, its memory, its root, and its end. */
export function dumpRules(line: CrashParameters, context: CommandLineContext): CommandLineFinding[] {
  return [...resets(line, context), ...memory(line), ...root(line), ...end(line)];
}

interface ResettingDriver {
  readonly drivers: readonly string[];
  /** `reset_devices`, or `nothing`: it sees for itself that it runs in a crash kernel. */
  readonly asks: string;
  /** Versions that are known to do so, first and next after the last; without them all. */
  readonly versions?: readonly (readonly string[])[];
  readonly resets: boolean;
  readonly does: string;
}

function resets(line: CrashParameters, { machine, kernelRelease }: CommandLineContext): CommandLineFinding[] {
  const bound = new Set(machine?.drivers ?? []);
  const version = kernelRelease === undefined ? undefined : kernelOrigin(kernelRelease)?.version;
  const known = (resetting as readonly ResettingDriver[]).filter(
    ({ drivers, versions = [['0', '9999']] }) =>
      drivers.some((one) => bound.has(one)) &&
      (version === undefined ||
        versions.some(([from = '0', before = '9999']) => isKernelWithin(version, { from, before }))),
  );
  const asking = known.filter(({ asks }) => asks === 'reset_devices');
  const named = known.map(({ drivers, does }): [string, string] => [
    `driver ${drivers.find((one) => bound.has(one))}`,
    does,
  ]);
  const unasked = known.some(({ asks, resets }) => asks === 'nothing' && resets)
    ? ' Others of this machine reset their devices without being asked.'
    : '';
  if (line.has('reset_devices')) {
    const text =
      'It resets nothing by itself: it asks drivers to reset their devices when they attach. ' +
      (asking.length > 0
        ? 'Drivers of this machine are known to do so.'
        : 'Drivers that are known to ask for it: megaraid_sas, smartpqi, mpt3sas, hpsa, aacraid and others.');
    return [
      finding(
        'good',
        'reset_devices',
        'Drivers are asked to reset their devices',
        text + unasked,
        [
          Rule.parameters,
          'reset_devices: a request to drivers, read by those that reset their hardware when they attach',
        ],
        ...named,
      ),
    ];
  }
  const { source, text: says } = record.withoutResetDevices;
  const text =
    'Drivers that reset their device only when asked find it as the production kernel left it: busy, with its interrupts and queues.';
  return [
    finding(
      asking.length > 0 ? 'critical' : 'warning',
      'reset_devices',
      'Drivers are not asked to reset their devices',
      text + unasked,
      [Rule.parameters, 'reset_devices'],
      ...named,
      [source, says],
    ),
  ];
}

function memory(line: CrashParameters): CommandLineFinding[] {
  const findings: CommandLineFinding[] = [];
  const reservation = line.last('crashkernel');
  if (reservation !== undefined) {
    const text =
      'It sets memory aside for a further crash kernel within the little that this one has. Tools that make the line take it out; one written by hand has to.';
    findings.push(
      finding('warning', reservation.written, 'A reservation within the reservation', text, [
        Rule.kdumpUtils,
        'crashkernel= is always removed',
      ]),
    );
  }
  for (const name of ['mem', 'memmap']) {
    for (const { written, value } of line.every(name)) {
      if (name === 'memmap' && /^(?:exactmap|nn|.*[@#$!].*)$/.test(value ?? '')) continue;
      const text =
        'kexec tells the crash kernel which memory it may use. A limit by hand either cuts that off or, above it, lets it write over what is to be dumped.';
      findings.push(
        finding('warning', written, 'A memory limit by hand', text, [Rule.parameters, `${name}=`]),
      );
    }
  }
  for (const name of [
    'hugepages',
    'hugepagesz',
    'default_hugepagesz',
    'hugetlb_cma',
    'cma',
    'log_buf_len',
    'slub_debug',
  ]) {
    const found = line.last(name);
    if (found === undefined || /^(?:0|0[KMG])$/i.test(found.value ?? '')) continue;
    const text =
      "It takes memory for the production kernel's work, out of a reservation that is far smaller.";
    const severity = name.includes('huge') || name === 'cma' ? 'warning' : 'note';
    findings.push(
      finding(severity, found.written, 'A setting of the production kernel that costs memory here', text, [
        Rule.kdumpUtils,
        'hugepages, hugepagesz, slub_debug, log_buf_len, cma and hugetlb_cma are removed by default',
      ]),
    );
  }
  const swiotlb = line.last('swiotlb');
  if (swiotlb !== undefined && /^\d+/.test(swiotlb.value ?? '')) {
    const slabs = Number.parseInt(swiotlb.value ?? '0', 10);
    const mebibytes = (slabs * 2048) / 2 ** 20;
    const text = `${slabs} slabs of 2 KiB are ${Math.round(mebibytes)} MiB of low memory, which a reservation above 4 GiB has little of.`;
    findings.push(
      finding(mebibytes > 64 ? 'warning' : 'note', swiotlb.written, 'Bounce buffers of a given size', text, [
        Rule.parameters,
        'swiotlb=<slabs>',
      ]),
    );
  }
  if (swiotlb?.value?.split(',').includes('noforce') === true) {
    const text =
      'Without bounce buffers a device that cannot reach memory above 4 GiB works through a remapping unit alone, or not at all.';
    findings.push(
      finding('note', swiotlb.written, 'No bounce buffers', text, [Rule.parameters, 'swiotlb=noforce']),
    );
  }
  return findings;
}

function root(line: CrashParameters): CommandLineFinding[] {
  const findings: CommandLineFinding[] = [];
  const header = line.last('elfcorehdr');
  if (header !== undefined) {
    const text =
      'kexec adds it when it loads the kernel: it belongs to a line that was read off a running crash kernel. In a ' +
      'configuration it points to where no header is, and /proc/vmcore does not appear.';
    findings.push(
      finding('note', header.written, 'The place of the dump is told by hand', text, [
        Rule.parameters,
        'elfcorehdr=: passed by kexec',
      ]),
    );
  }
  const roots = line.every('root');
  if (new Set(roots.map(({ value }) => value)).size > 1) {
    findings.push(
      finding('warning', roots.map(({ written }) => written).join(' '), 'Two roots', 'The last one counts.', [
        'init/do_mounts.c',
        'root= is stored over the one before',
      ]),
    );
  }
  const init = line.last('init') ?? line.last('rdinit');
  if (init !== undefined) {
    const text =
      'The initial file system of kdump brings an init of its own; another one saves no dump unless it is made for it.';
    findings.push(
      finding('note', init.written, 'An init of its own', text, [Rule.parameters, `${init.name}=`]),
    );
  }
  return findings;
}

function end(line: CrashParameters): CommandLineFinding[] {
  const panic = line.last('panic');
  const seconds = Number(panic?.value);
  if (panic === undefined || seconds === 0) {
    const text = 'If the crash kernel panics, the machine stays as it is until somebody resets it.';
    return [
      finding('note', panic?.written ?? 'panic=10', 'A second panic does not restart the machine', text, [
        Rule.parameters,
        'panic=<seconds>; 0 waits for ever',
      ]),
    ];
  }
  if (!Number.isFinite(seconds)) {
    return [
      finding('warning', panic.written, 'panic= needs a number', 'The kernel passes it over.', [
        Rule.parameters,
        'panic=<seconds>',
      ]),
    ];
  }
  return [
    finding(
      'good',
      panic.written,
      'A second panic restarts the machine',
      'The machine comes back though its dump is lost.',
      [Rule.parameters, 'panic=<seconds>'],
    ),
  ];
}
