import { type CommandLineFinding, finding } from './command-line-finding.ts';
import type { CrashParameters } from './crash-parameters.ts';

/** Parameters that stand there several times and all count. */
const cumulative: readonly string[] = [
  'console',
  'earlycon',
  'memmap',
  'crashkernel',
  'intel_iommu',
  'amd_iommu',
  'iommu',
  'pci',
  'blacklist',
  'module_blacklist',
  'modprobe.blacklist',
  'initcall_blacklist',
  'ip',
  'ifname',
  'nameserver',
  'root',
  'hugepages',
  'hugepagesz',
  'video',
  'cgroup_disable',
  'kvm_intel.nested',
  'acpi_osi',
  'usbcore.quirks',
  'ivrs_ioapic',
  'ivrs_hpet',
  'ivrs_acpihid',
  'dyndbg',
  'trace_event',
  'mitigations',
];
const MOST = 20;

/** The same parameter again, with another value: the last one counts, and contradictions of two names. */
export function repetitionRules(line: CrashParameters): CommandLineFinding[] {
  const findings: CommandLineFinding[] = [];
  const names = new Set(line.all.map(({ name }) => name));
  for (const name of names) {
    if (findings.length >= MOST) break;
    const all = line.every(name);
    if (all.length < 2 || name.startsWith('rd.') || cumulative.includes(name)) continue;
    const values = new Set(all.map(({ value }) => value));
    const written = all.map((one) => one.written.slice(0, 60)).join(' ');
    if (values.size > 1) {
      const text = `${(all.at(-1)?.written ?? '').slice(0, 60)} stands last, and counts.`;
      findings.push(
        finding('warning', written, 'One parameter with several values', text, [
          'lib/cmdline.c, kernel/params.c',
          'parameters are set in order, later ones over earlier ones',
        ]),
      );
    } else if (name !== '') {
      findings.push(
        finding('note', written, 'One parameter twice', 'The second one changes nothing.', [
          'kernel/params.c',
          'parameters are set in order',
        ]),
      );
    }
  }
  for (const [name, words] of [
    ['intel_iommu', ['on', 'off']],
    ['amd_iommu', ['on', 'off']],
    ['iommu', ['off', 'force']],
    ['intel_iommu', ['sm_on', 'sm_off']],
  ] as const) {
    const said = line.values(name).filter((value) => (words as readonly string[]).includes(value));
    if (new Set(said).size < 2) continue;
    const text = `${said.join(', then ')}: the last one counts.`;
    findings.push(
      finding(
        'warning',
        line
          .every(name)
          .map(({ written }) => written.slice(0, 60))
          .join(' '),
        `${name}= contradicts itself`,
        text,
        ['drivers/iommu', 'options are applied in order'],
      ),
    );
  }
  const counts = [line.number('nr_cpus'), line.number('maxcpus')];
  if (counts[0] !== undefined && counts[1] !== undefined && counts[0] !== counts[1]) {
    const text = 'The smaller one counts.';
    findings.push(
      finding('note', `nr_cpus=${counts[0]} maxcpus=${counts[1]}`, 'Two limits of processors', text, [
        'kernel/smp.c',
        'nr_cpus= bounds what maxcpus= can start',
      ]),
    );
  }
  return findings;
}
