import { compareKernelVersions, parseKernelVersion } from '@quiesce/machine';
import { type CommandLineContext, type CommandLineFinding, finding, Rule } from './command-line-finding.ts';
import { CrashParameters } from './crash-parameters.ts';
import record from './record-evidence.json' with { type: 'json' };

/** Words of amd_iommu=. */
const amdWords: readonly string[] = [
  'fullflush',
  'force_enable',
  'off',
  'force_isolation',
  'pgtbl_v1',
  'pgtbl_v2',
  'irtcachedis',
  'nohugepages',
  'v2_pgsizes_only',
];
const Vendor = { intel: 'intel_iommu', amd: 'amd_iommu' } as const;

/** DMA remapping: what both kernels are told of it, and what is told to units that the machine has not. */
export function remappingRules(line: CrashParameters, context: CommandLineContext): CommandLineFinding[] {
  const first = new CrashParameters(context.firstCommandLine ?? '');
  const mode = context.machine?.scalable === false ? [] : scalableMode(line, first, context);
  return [
    ...otherVendors(line, context),
    ...switchedOff(line, first, context),
    // Tables of another mode are not copied, whatever else both kernels agree about.
    ...switchedOn(line, first, context).filter(({ severity }) => severity !== 'good' || mode.length === 0),
    ...mode,
    ...(said(line, context.platform) === 'off' ? [] : domains(line, first)),
  ];
}

function otherVendors(line: CrashParameters, { platform }: CommandLineContext): CommandLineFinding[] {
  const findings: CommandLineFinding[] = [];
  const useless = (name: string, why: string): void => {
    const found = line.last(name);
    if (found !== undefined)
      findings.push(
        finding('note', found.written, `${found.written} has no effect here`, why, [
          Rule.parameters,
          `${name}=`,
        ]),
      );
  };
  if (platform === 'amd-vi')
    useless(Vendor.intel, 'This machine has remapping units of AMD, which the parameter does not reach.');
  if (platform === 'intel-vt-d')
    useless(Vendor.amd, 'This machine has remapping units of Intel, which the parameter does not reach.');
  const words = line.values(Vendor.amd).filter((word) => !amdWords.includes(word));
  if (words.length > 0 && platform !== 'intel-vt-d') {
    const written = `${Vendor.amd}=${(words[0] as string).slice(0, 40)}`;
    const why =
      'The driver knows no such word: where units of AMD are there, they are on unless they are switched off.';
    findings.push(
      finding('note', written, `${written} means nothing`, why, [
        'drivers/iommu/amd/init.c',
        'parse_amd_iommu_options passes over what it does not know',
      ]),
    );
  }
  if (platform === 'smmu' || platform === 'power') {
    const why = 'The parameter is for x86 machines alone.';
    useless(Vendor.intel, why);
    useless(Vendor.amd, why);
  }
  if (platform === 'none') {
    const why = 'This machine has no remapping unit that its firmware describes.';
    useless(Vendor.intel, why);
    useless(Vendor.amd, why);
  }
  return findings;
}

/** What a line says of remapping as a whole; undefined if nothing. */
function said(line: CrashParameters, platform: CommandLineContext['platform']): 'on' | 'off' | undefined {
  const general = line.lastOf('iommu', ['off', 'on', 'force', 'noforce']);
  if (general === 'off') return 'off';
  const names =
    platform === 'amd-vi' ? [Vendor.amd] : platform === 'intel-vt-d' ? [Vendor.intel] : Object.values(Vendor);
  for (const name of names) {
    const last = line.lastOf(name, ['on', 'off', 'force_enable']);
    if (last === 'off') return 'off';
    if (last === 'force_enable' || (last === 'on' && name === Vendor.intel)) return 'on';
  }
  return undefined;
}

function offWritten(line: CrashParameters): string {
  const names = ['iommu', ...Object.values(Vendor)];
  return (
    names.map((name) => line.last(name)?.written).find((one) => /=(?:.*,)?off\b/.test(one ?? '')) ??
    'iommu=off'
  );
}

function firstTranslates(first: CrashParameters, context: CommandLineContext): boolean | undefined {
  if (context.translation === 'on') return true;
  if (context.translation === 'off') return false;
  const words = context.firstCommandLine === undefined ? undefined : said(first, context.platform);
  return words === undefined ? undefined : words === 'on';
}

function switchedOff(
  line: CrashParameters,
  first: CrashParameters,
  context: CommandLineContext,
): CommandLineFinding[] {
  if (context.platform === 'none' || said(line, context.platform) !== 'off') return [];
  const on = firstTranslates(first, context);
  const written = offWritten(line);
  if (on === false) {
    const text = 'Neither kernel translates: leftover DMA goes where it went before the crash.';
    return [
      finding('good', written, 'Both kernels leave DMA remapping off', text, [
        Rule.parameters,
        'intel_iommu=, iommu=',
      ]),
    ];
  }
  const text =
    'The crash kernel switches translation off and does not take the old tables over: devices that still run send the I/O ' +
    "addresses of the production kernel, which mean other memory then, the crash kernel's own included. Nothing faults, so " +
    'nothing tells of it.';
  const { source, text: says } = record.translationOff;
  const certain = on === true;
  const [severity, title] = certain
    ? (['critical', 'Remapping is on before the crash and off after it'] as const)
    : (['warning', 'Remapping is off in the crash kernel'] as const);
  return [
    finding(
      severity,
      written,
      title,
      certain ? text : `If the production kernel has it on: ${text}`,
      [source, says],
      [Rule.parameters, 'intel_iommu=off'],
    ),
  ];
}

function switchedOn(
  line: CrashParameters,
  first: CrashParameters,
  context: CommandLineContext,
): CommandLineFinding[] {
  const words = said(line, context.platform);
  if (words === 'off') return [];
  const on = firstTranslates(first, context);
  const written = line.last(Vendor.intel)?.written ?? line.last(Vendor.amd)?.written ?? 'iommu=';
  if (words === 'on' && on === false) {
    const text =
      'The production kernel runs without remapping, the crash kernel begins it with empty tables: every request that a ' +
      'device still sends to a physical address is refused from then on, until its driver takes it over.';
    return [
      finding(
        'warning',
        written,
        'Remapping is off before the crash and on after it',
        text,
        [Rule.parameters, `${written}`],
        ['VT-d 4.0, 7.1.3', 'a request without a present context entry is blocked'],
      ),
    ];
  }
  if (on !== true || context.platform === 'amd-vi') return [];
  const version = context.kernelRelease === undefined ? undefined : parseKernelVersion(context.kernelRelease);
  if (version !== undefined && compareKernelVersions(version, [4, 2]) < 0) {
    const { source, text: says } = record.noCopyBefore42;
    const text =
      'Kernels before 4.2 do not copy the tables of the production kernel: requests under way go out raw, and then fault.';
    return [finding('warning', written, 'This kernel does not take old tables over', text, [source, says])];
  }
  const { source, text: says } = record.copied;
  const text =
    'The crash kernel finds translation on and copies the tables, so that leftover DMA goes where it went.';
  return [finding('good', written, 'Both kernels use DMA remapping', text, [source, says])];
}

function scalableMode(
  line: CrashParameters,
  first: CrashParameters,
  context: CommandLineContext,
): CommandLineFinding[] {
  if (context.platform !== undefined && context.platform !== 'intel-vt-d' && context.platform !== 'unknown')
    return [];
  const before = first.lastOf(Vendor.intel, ['sm_on', 'sm_off']);
  const after = line.lastOf(Vendor.intel, ['sm_on', 'sm_off']);
  const written = line.last(Vendor.intel)?.written ?? 'intel_iommu=';
  const version = context.kernelRelease === undefined ? undefined : parseKernelVersion(context.kernelRelease);
  if (before === 'sm_on' && version !== undefined && compareKernelVersions(version, [6, 0]) < 0) {
    const { source, text: says } = record.scalableFirstKernel;
    const text =
      'The production kernel runs its units in scalable mode, whose tables kernels before 6.0 misread. Run it with sm_off, or ' +
      'take a later kernel.';
    // Red Hat takes later changes of the driver into its versions.
    const doubtful = /\.el\d/.test(context.kernelRelease ?? '');
    return [
      finding(
        doubtful ? 'warning' : 'critical',
        written,
        doubtful
          ? 'This kernel may not copy tables of scalable mode'
          : 'This kernel cannot copy tables of scalable mode',
        doubtful ? `${text} The distribution may have taken the change into this version.` : text,
        [source, says],
      ),
    ];
  }
  const isOff = said(line, context.platform) === 'off' || said(first, context.platform) === 'off';
  if (context.firstCommandLine === undefined || before === after || isOff) return [];
  const mismatch = (before === 'sm_on' && after === 'sm_off') || (before === 'sm_off' && after === 'sm_on');
  const { source, text: says } = after === 'sm_off' ? record.modeOnOff : record.modeOffOn;
  if (mismatch) {
    const text =
      'The crash kernel wants another table format than the one that the units have in use, and refuses to copy: it builds ' +
      'empty tables, and every device that still runs faults until its driver loads.';
    return [finding('critical', written, 'The kernels disagree about scalable mode', text, [source, says])];
  }
  const text =
    'One kernel is told which table format to use and the other is not: whether they agree depends on how each was built ' +
    'and on the units. Give both the same.';
  return [
    finding(
      'warning',
      written,
      'Scalable mode is set for one kernel alone',
      text,
      [source, says],
      [Rule.parameters, 'intel_iommu=sm_on, sm_off'],
    ),
  ];
}

function domains(line: CrashParameters, first: CrashParameters): CommandLineFinding[] {
  const findings: CommandLineFinding[] = [];
  const passes = (one: CrashParameters): boolean => {
    const explicit = one.last('iommu.passthrough')?.value;
    return explicit === undefined
      ? one.lastOf('iommu', ['pt', 'nopt']) === 'pt'
      : /^(?:1|y|on)/i.test(explicit);
  };
  if (passes(line) && !passes(first)) {
    const text =
      'Pass-through of the crash kernel begins when its own domains are attached; it does not reach back to I/O addresses ' +
      'that the production kernel gave out, which are not physical ones.';
    const { source, text: says } = record.passThrough;
    const parameter = line.last('iommu.passthrough')?.written ?? line.last('iommu')?.written ?? 'iommu=pt';
    findings.push(
      finding(
        'warning',
        parameter,
        'Pass-through in the crash kernel alone',
        text,
        [source, `of pass-through in both kernels: ${says}`],
        [Rule.parameters, 'iommu=pt'],
      ),
    );
  }
  const strict = line.last('iommu.strict');
  if (strict !== undefined && /^(?:0|n|off)/i.test(strict.value ?? '')) {
    const text =
      'Unmapped addresses stay usable for some milliseconds. It is quicker, and lets a late request through where strict mode faults.';
    findings.push(
      finding('note', strict.written, 'Invalidation is put off', text, [
        Rule.parameters,
        'iommu.strict=0: lazy mode',
      ]),
    );
  }
  return findings;
}
