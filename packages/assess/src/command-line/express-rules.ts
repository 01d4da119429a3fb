import { type CommandLineContext, type CommandLineFinding, finding, Rule } from './command-line-finding.ts';
import type { CrashParameters } from './crash-parameters.ts';
import known from './known-parameters.json' with { type: 'json' };

/** PCI Express: port services, power states of links, error reporting, placement of BARs. */
export function expressRules(line: CrashParameters, context: CommandLineContext): CommandLineFinding[] {
  return [...portServices(line, context), ...links(line), ...errors(line), ...placement(line)];
}

/** Options of pci=, without their values. */
const options: ReadonlySet<string> = new Set(known.pciOptions);
const portWords: readonly string[] = ['native', 'compat', 'dpc-native', 'auto'];

function portServices(line: CrashParameters, { machine }: CommandLineContext): CommandLineFinding[] {
  const ports = line.last('pcie_ports');
  if (ports === undefined) {
    if (machine === undefined || machine.ports < 8) return [];
    const text = `${machine.ports} ports take an interrupt each for hot-plug, power events and error reporting, which saving a dump needs none of.`;
    return [
      finding(
        'note',
        'pcie_ports=compat',
        'Port services cost the crash kernel interrupts',
        text,
        ['kdump-utils, pull request 9', 'pcie_ports=compat is the default of kdump on x86-64 since 2024'],
        [Rule.parameters, 'pcie_ports=compat'],
      ),
    ];
  }
  if (!portWords.includes(ports.value ?? '')) {
    const text = `The kernel knows native, compat and dpc-native; ${JSON.stringify((ports.value ?? '').slice(0, 40))} is passed over silently.`;
    return [
      finding('warning', ports.written, 'A value that the kernel does not know', text, [
        'drivers/pci/pcie/portdrv.c',
        'pcie_port_setup compares with these words',
      ]),
    ];
  }
  if (ports.value === 'auto') {
    return [
      finding(
        'note',
        ports.written,
        'pcie_ports=auto is gone',
        'It was the default, and was removed in 4.17.',
        ['commit 4c0fd7648d88', 'Remove unnecessary pcie_ports=auto'],
      ),
    ];
  }
  if (ports.value === 'compat') {
    const { containingPorts = 0 } = machine ?? {};
    const text =
      'Ports are left without services: no interrupts are spent on them.' +
      (containingPorts > 0
        ? ` Errors that ${containingPorts} ports report or contain are not handled either: a link that containment has brought down stays down.`
        : '');
    return [
      finding('good', ports.written, 'No interrupts for port services', text, [
        Rule.parameters,
        'pcie_ports=compat: native services are disabled',
      ]),
    ];
  }
  const text =
    'Services run even where the firmware keeps them for itself: both then handle the same errors and hot-plug events.';
  return [
    finding('warning', ports.written, "Port services against the firmware's will", text, [
      Rule.parameters,
      'pcie_ports=native may conflict with a platform that also uses the services',
    ]),
  ];
}

function links(line: CrashParameters): CommandLineFinding[] {
  const aspm = line.last('pcie_aspm');
  if (aspm === undefined) return [];
  if (aspm.value === 'force') {
    const text =
      'Power states of links are switched on for devices that claim not to have them; such devices have been seen to hang.';
    return [
      finding('warning', aspm.written, 'Link power states are forced', text, [
        Rule.parameters,
        'pcie_aspm=force comes with a warning',
      ]),
    ];
  }
  if (aspm.value !== 'off') {
    return [
      finding('note', aspm.written, 'A value that the kernel does not know', 'It knows off and force.', [
        Rule.parameters,
        'pcie_aspm=',
      ]),
    ];
  }
  const text =
    'The kernel leaves the power states of links as firmware and the production kernel set them; it does not switch them off.';
  return [
    finding('note', aspm.written, 'pcie_aspm=off leaves what is on', text, [
      Rule.parameters,
      'pcie_aspm=off: registers stay as they are found',
    ]),
  ];
}

function errors(line: CrashParameters): CommandLineFinding[] {
  if (line.lastOf('pci', ['noaer']) === undefined) return [];
  const text =
    'Errors of leftover DMA are not reported and not recovered from; whether they still raise a system error is up to the chipset and to what the production kernel has set.';
  return [
    finding('note', 'pci=noaer', 'Error reporting of PCI Express is off', text, [
      Rule.parameters,
      'pci=noaer',
    ]),
  ];
}

function placement(line: CrashParameters): CommandLineFinding[] {
  const findings: CommandLineFinding[] = [];
  const realloc = line
    .values('pci')
    .find((value) => value === 'realloc' || value === 'realloc=on' || value === 'assign-busses');
  if (realloc !== undefined) {
    const text =
      'The crash kernel may move BARs and bus numbers while devices still run: requests under way carry the old ones, and copied tables are indexed by them.';
    findings.push(
      finding(
        'warning',
        `pci=${realloc}`,
        'Addresses or bus numbers may change under running devices',
        text,
        [Rule.parameters, `pci=${realloc}`],
        ['VT-d 4.0, 3.4.2', 'context entries are found by bus, device and function'],
      ),
    );
  }
  for (const value of line.values('pci')) {
    if (options.has(value.replace(/=.*$/s, ''))) continue;
    // Lists of devices behind an option are cut at commas, too.
    if (/^[0-9a-f:.@;/]+$/i.test(value)) continue;
    const text = 'The kernel prints a line of it and goes on without.';
    findings.push(
      finding('note', `pci=${value.slice(0, 40)}`, 'An option of pci= that is not known here', text, [
        'drivers/pci/pci.c',
        'pci_setup',
      ]),
    );
  }
  return findings.slice(0, 8);
}
