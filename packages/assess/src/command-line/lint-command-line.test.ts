import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandLineContext, CrashMachineFacts } from './command-line-finding.ts';
import { lintCrashCommandLine } from './lint-command-line.ts';

/** What kdump of a distribution gives today. */
const usual =
  'ro irqpoll nr_cpus=1 reset_devices cgroup_disable=memory mce=off numa=off udev.children-max=2 panic=10 ' +
  'acpi_no_memhotplug transparent_hugepage=never nokaslr hest_disable novmcoredd cma=0 hugetlb_cma=0 pcie_ports=compat';

const facts: CrashMachineFacts = {
  interruptFunctions: 20,
  messages: 120,
  ports: 6,
  containingPorts: 4,
  processors: 32,
  scalable: false,
  drivers: ['nvme', 'megaraid_sas'],
};
const intel: CommandLineContext = {
  platform: 'intel-vt-d',
  translation: 'on',
  kernelRelease: '6.1.0-55-amd64',
};

const found = (line: string, title: RegExp, context: CommandLineContext = {}): string | undefined =>
  lintCrashCommandLine(line, context).find((one) => title.test(one.title))?.severity;

/** A line that triggers a rule, one that does not, and what makes the difference. */
const rules: readonly (readonly [
  RegExp,
  string,
  string,
  string,
  CommandLineContext?,
  CommandLineContext?,
])[] = [
  [/^Misspelt\? nr_cpus/, 'critical', 'nrcpus=1', 'nr_cpus=1'],
  [/^Misspelt\? reset_devices/, 'critical', 'reset_device', 'reset-devices'],
  [
    /^Misspelt\? transparent_hugepage/,
    'warning',
    'transparent_hugepages=never',
    'transparent_hugepage=never',
  ],
  [/^Not known here/, 'note', 'frobnicate=1', 'frobnicator.level=1'],
  [/^Not known here/, 'note', 'frobnicate=1', '-- frobnicate=1'],
  [/several values/, 'warning', 'panic=10 panic=0', 'console=tty0 console=ttyS0'],
  [/^One parameter twice/, 'note', 'nokaslr nokaslr', 'nokaslr'],
  [/contradicts itself/, 'warning', 'intel_iommu=on intel_iommu=off', 'intel_iommu=on,sm_on'],
  [/^Two limits/, 'note', 'nr_cpus=1 maxcpus=4', 'nr_cpus=2 maxcpus=2'],
  [/has no effect here/, 'note', 'intel_iommu=on', 'intel_iommu=on', { platform: 'amd-vi' }, intel],
  [/has no effect here/, 'note', 'amd_iommu=off', 'intel_iommu=off', intel, intel],
  [/means nothing/, 'note', 'amd_iommu=on', 'amd_iommu=off', { platform: 'amd-vi' }, { platform: 'amd-vi' }],
  [/on before the crash and off after/, 'critical', 'intel_iommu=off', 'intel_iommu=on', intel, intel],
  [
    /on before the crash and off after/,
    'critical',
    'iommu=off',
    'iommu=off',
    intel,
    { ...intel, translation: 'off' },
  ],
  [/^Remapping is off in the crash kernel/, 'warning', 'intel_iommu=off', 'intel_iommu=off', {}, intel],
  [
    /off before the crash and on after/,
    'warning',
    'intel_iommu=on',
    'intel_iommu=on',
    { platform: 'intel-vt-d', firstCommandLine: 'intel_iommu=off' },
    { platform: 'intel-vt-d', firstCommandLine: 'intel_iommu=on' },
  ],
  [/does not take old tables over/, 'warning', '', '', { ...intel, kernelRelease: '3.10.0' }, intel],
  [
    /cannot copy tables of scalable mode/,
    'critical',
    'intel_iommu=on,sm_on',
    'intel_iommu=on,sm_on',
    { ...intel, kernelRelease: '5.15.0', firstCommandLine: 'intel_iommu=on,sm_on' },
    { ...intel, firstCommandLine: 'intel_iommu=on,sm_on' },
  ],
  [
    /may not copy tables of scalable mode/,
    'warning',
    'intel_iommu=on,sm_on',
    'intel_iommu=on,sm_on',
    { ...intel, kernelRelease: '5.14.0-362.el9.x86_64', firstCommandLine: 'intel_iommu=on,sm_on' },
    {
      ...intel,
      machine: facts,
      kernelRelease: '5.14.0-362.el9.x86_64',
      firstCommandLine: 'intel_iommu=on,sm_on',
    },
  ],
  [
    /^Both kernels use DMA remapping/,
    'good',
    'intel_iommu=on',
    'intel_iommu=on,sm_on',
    { ...intel, firstCommandLine: 'intel_iommu=on' },
    { ...intel, firstCommandLine: 'intel_iommu=on,sm_off' },
  ],
  [
    /disagree about scalable mode/,
    'critical',
    'intel_iommu=sm_off',
    'intel_iommu=sm_on',
    { ...intel, firstCommandLine: 'intel_iommu=on,sm_on' },
    { ...intel, firstCommandLine: 'intel_iommu=on,sm_on' },
  ],
  [
    /set for one kernel alone/,
    'warning',
    'intel_iommu=on',
    'intel_iommu=off',
    { ...intel, firstCommandLine: 'intel_iommu=on,sm_on' },
    { ...intel, firstCommandLine: 'intel_iommu=on,sm_on' },
  ],
  [
    /^Pass-through in the crash kernel/,
    'warning',
    'iommu=pt',
    'iommu=pt',
    {},
    { firstCommandLine: 'iommu.passthrough=1' },
  ],
  [/^Invalidation is put off/, 'note', 'iommu.strict=0', 'iommu.strict=1'],
  [/^Nothing limits the processors/, 'warning', 'ro', 'maxcpus=1'],
  [/^nr_cpus=1 would save/, 'note', 'maxcpus=1', 'nr_cpus=1'],
  [/boot processor is not left out/, 'critical', 'nr_cpus=4', 'nr_cpus=1', intel, intel],
  [/boot processor is not left out/, 'critical', 'nr_cpus=4', 'nr_cpus=4 disable_cpu_apicid=0', intel, intel],
  [
    /boot processor is not left out/,
    'warning',
    'nr_cpus=4',
    'nr_cpus=4',
    {},
    { ...intel, kernelRelease: '6.12.1' },
  ],
  [
    /disable_cpu_apicid= is gone/,
    'note',
    'disable_cpu_apicid=0',
    'disable_cpu_apicid=0',
    { kernelRelease: '6.12' },
    intel,
  ],
  [
    /^Too few interrupt vectors/,
    'critical',
    'nr_cpus=1',
    'nr_cpus=1 pcie_ports=compat',
    { ...intel, machine: { ...facts, interruptFunctions: 190, ports: 60 } },
    { ...intel, machine: { ...facts, interruptFunctions: 190, ports: 60 } },
  ],
  [
    /^Fewer interrupt vectors/,
    'note',
    'nr_cpus=1',
    'nr_cpus=4',
    { ...intel, machine: { ...facts, messages: 500 } },
    { ...intel, machine: { ...facts, messages: 500 } },
  ],
  [/^noapic takes/, 'warning', 'noapic', 'nosmp'],
  [/^nolapic takes/, 'warning', 'nolapic', 'noapic', intel, intel],
  [
    /^Interrupt remapping goes off/,
    'warning',
    'intremap=off',
    'intremap=off',
    intel,
    { firstCommandLine: 'nointremap' },
  ],
  [/^x2APIC mode is refused/, 'warning', 'nox2apic', 'nox2apic', {}, { firstCommandLine: 'nox2apic' }],
  [/relies on x2APIC/, 'note', 'nointremap', 'nointremap', { firstCommandLine: 'x2apic_phys' }, {}],
  [/^Stuck interrupt lines are not/, 'note', 'ro', 'irqpoll'],
  [/^No message interrupts/, 'warning', 'pci=nomsi', 'pci=noaer'],
  [
    /^Port services cost/,
    'note',
    'ro',
    'pcie_ports=compat',
    { machine: { ...facts, ports: 20 } },
    { machine: facts },
  ],
  [/value that the kernel does not know/, 'warning', 'pcie_ports=nativ', 'pcie_ports=native'],
  [/pcie_ports=auto is gone/, 'note', 'pcie_ports=auto', 'pcie_ports=compat'],
  [/against the firmware/, 'warning', 'pcie_ports=native', 'pcie_ports=compat'],
  [/^Link power states are forced/, 'warning', 'pcie_aspm=force', 'pcie_aspm=off'],
  [/^pcie_aspm=off leaves/, 'note', 'pcie_aspm=off', 'ro'],
  [/^Error reporting of PCI Express is off/, 'note', 'pci=noaer', 'pci=noats'],
  [/may change under running devices/, 'warning', 'pci=realloc', 'pci=realloc=off'],
  [/option of pci= that is not known/, 'note', 'pci=foo,noaer', 'pci=resource_alignment=20@0000:01:00.0'],
  [/^Drivers are not asked to reset/, 'warning', 'ro', 'reset_devices'],
  [
    /^Drivers are not asked to reset/,
    'critical',
    'ro',
    'reset_devices',
    { machine: facts },
    { machine: facts },
  ],
  [/^A reservation within/, 'warning', 'crashkernel=256M', 'ro'],
  [/^A memory limit by hand/, 'warning', 'mem=512M', 'memmap=exactmap memmap=640K@0'],
  [/costs memory here/, 'warning', 'hugepages=64', 'cma=0'],
  [/^Bounce buffers of a given size/, 'warning', 'swiotlb=65536', 'swiotlb=noforce'],
  [/^No bounce buffers/, 'note', 'swiotlb=noforce', 'swiotlb=1024'],
  [/is told by hand/, 'note', 'elfcorehdr=867732K', 'ro'],
  [/^Two roots/, 'warning', 'root=/dev/a root=/dev/b', 'root=/dev/a'],
  [/^An init of its own/, 'note', 'init=/bin/sh', '-- init=/bin/sh'],
  [/second panic does not restart/, 'note', 'panic=0', 'panic=10'],
  [/needs a number/, 'warning', 'panic=soon', 'panic=-1'],
  [/boot may wait/, 'warning', 'rd.break=pre-mount', 'rd.break=0'],
  [/^Drivers are left out/, 'note', 'rd.driver.blacklist=mlx5_core', 'rd.shell=0'],
  [/network is brought up on every/, 'note', 'rd.neednet=1', 'rd.neednet=1 ip=dhcp'],
  [/boots into a shell/, 'critical', 'systemd.unit=rescue.target', 'systemd.unit=kdump-tools.service'],
  [/^acpi_no_memhotplug is not set/, 'warning', 'ro', 'acpi_no_memhotplug'],
  [/settings for crash kernels are missing/, 'note', 'ro', usual],
  [
    /novmcoredd is newer/,
    'note',
    'novmcoredd',
    'novmcoredd',
    { kernelRelease: '4.4.0' },
    { kernelRelease: '6.1' },
  ],
];

describe('lintCrashCommandLine', () => {
  for (const [title, severity, bad, good, context, other = context] of rules) {
    it(`${title}: ${severity} of "${bad}", nothing of "${good}"`, () => {
      expect(found(bad, title, context)).toBe(severity);
      expect(found(good, title, other)).toBeUndefined();
    });
  }

  it('finds nothing wrong with what distributions give today', () => {
    const findings = lintCrashCommandLine(usual, {
      ...intel,
      firstCommandLine: 'intel_iommu=on',
      machine: facts,
    });
    expect(findings.filter(({ severity }) => severity !== 'good')).toEqual([]);
    expect(findings.length).toBeGreaterThan(5);
  });

  it('says the most serious first, with reasons and evidence', () => {
    const findings = lintCrashCommandLine('nrcpus=1 pci=nomsi intel_iommu=off frob', intel);
    const order = ['critical', 'warning', 'note', 'good'];
    const places = findings.map(({ severity }) => order.indexOf(severity));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    for (const one of findings) {
      expect(one.text, one.title).not.toBe('');
      expect(one.evidence.length, one.title).toBeGreaterThan(0);
      for (const { source, text } of one.evidence) expect(`${source} ${text}`).not.toMatch(/undefined|NaN/);
    }
  });

  it('names drivers of the machine that ask for reset_devices', () => {
    const one = lintCrashCommandLine('reset_devices', { machine: facts }).find(
      (it) => it.parameter === 'reset_devices',
    );
    expect(one?.evidence.map(({ source }) => source)).toContain('driver megaraid_sas');
  });

  it('does not hold reset_devices necessary for drivers that see for themselves where they run', () => {
    const of = (line: string, kernelRelease: string, ...drivers: string[]) =>
      lintCrashCommandLine(line, { kernelRelease, machine: { ...facts, drivers } }).find(
        (it) => it.parameter === 'reset_devices',
      );
    expect(of('ro', '6.1.192', 'bnxt_en')?.severity).toBe('warning');
    expect(of('ro', '6.1.192', 'bnxt_en')?.text).toContain('without being asked');
    expect(of('ro', '6.1.192', 'smartpqi', 'bnxt_en')?.severity).toBe('critical');
    expect(of('ro', '5.4.0', 'bnxt_en')?.text).not.toContain('without being asked');
    const resets = ['6.1.59', '6.1.60', '6.4.0', '6.5.9'].map((release) => of('ro', release, 'ice')?.text);
    expect(resets.map((text) => text?.includes('without being asked'))).toEqual([false, true, false, true]);
  });

  it('knows parameters that kernels read though few write them', () => {
    const line = 'noirqdebug acpi_no_watchdog add_efi_memmap dhash_entries=4 evm=fix rd_start=0 nomodule';
    expect(lintCrashCommandLine(line).filter(({ title }) => /Misspelt|Not known/.test(title))).toEqual([]);
    expect(found('panic_on_oops=1', /^Not known here/)).toBe('note');
  });

  it('takes any text, and is bounded in what it says of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (line) => {
        expect(
          lintCrashCommandLine(line, { firstCommandLine: line, kernelRelease: line }).length,
        ).toBeLessThan(100);
      }),
      { numRuns: 100 },
    );
    const many = Array.from({ length: 5000 }, (_, i) => `pci=q${i} par${i}=1 par${i}=2`).join(' ');
    const findings = lintCrashCommandLine(many);
    expect(findings.length).toBeLessThan(100);
    expect(Math.max(...findings.map(({ parameter }) => parameter.length))).toBeLessThan(1000);
  });
});
