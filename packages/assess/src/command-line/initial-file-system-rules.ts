import { blacklistedDrivers, blacklists, moduleName } from './blacklisted-drivers.ts';
import { type CommandLineContext, type CommandLineFinding, finding } from './command-line-finding.ts';
import type { CrashParameters } from './crash-parameters.ts';

const DRACUT = 'dracut.cmdline(7)';

/** Parameters that dracut and systemd of the crash kernel's initial file system read. */
export function initialFileSystemRules(
  line: CrashParameters,
  { machine }: CommandLineContext = {},
): CommandLineFinding[] {
  const findings: CommandLineFinding[] = [];
  for (const name of ['rd.break', 'rd.shell', 'rd.emergency']) {
    const found = line.last(name);
    if (found === undefined || found.value === '0' || (name === 'rd.emergency' && found.value !== 'halt'))
      continue;
    const text =
      'The boot stops and waits for somebody at the console, or stays down: no dump is saved meanwhile.';
    findings.push(
      finding(
        name === 'rd.shell' ? 'note' : 'warning',
        found.written,
        'The boot may wait for somebody',
        text,
        [DRACUT, name],
      ),
    );
  }
  findings.push(...leftOut(line, machine?.dumpDrivers ?? []));
  const network = line.every('ip').length + line.every('rd.neednet').length;
  if (line.has('rd.neednet') && line.last('rd.neednet')?.value !== '0' && network === 1) {
    const text =
      'Without ip= dracut configures every interface by DHCP, which takes as long as the slowest one.';
    findings.push(
      finding(
        'note',
        line.last('rd.neednet')?.written as string,
        'The network is brought up on every interface',
        text,
        [DRACUT, 'rd.neednet=1, ip='],
      ),
    );
  }
  const unit = line.last('systemd.unit')?.value;
  if (unit === 'rescue.target' || unit === 'emergency.target' || line.has('single')) {
    const text = 'The crash kernel ends in a shell and saves no dump.';
    findings.push(
      finding(
        'critical',
        line.last('systemd.unit')?.written ?? 'single',
        'The crash kernel boots into a shell',
        text,
        ['systemd(1)', 'systemd.unit='],
      ),
    );
  }
  return findings;
}

/** Drivers that are kept from loading: most of them to good effect, that of the dump target never. */
function leftOut(line: CrashParameters, dumpDrivers: readonly string[]): CommandLineFinding[] {
  const blacklist = blacklists.flatMap((name) => line.every(name));
  if (blacklist.length === 0) return [];
  const written = blacklist.map((one) => one.written.slice(0, 80)).join(' ');
  const out = blacklistedDrivers(line);
  const needed = dumpDrivers.filter((one) => out.has(moduleName(one)));
  if (needed.length > 0) {
    const text = `The dump goes through ${needed.join(', ')}: without ${needed.length === 1 ? 'it' : 'them'} there is nothing to write it to.`;
    const title = 'The driver of the dump target is left out';
    return [finding('critical', written, title, text, [DRACUT, 'rd.driver.blacklist'])];
  }
  const modules = blacklist.flatMap(({ value }) => (value ?? '').split(',')).filter((one) => one !== '');
  const text = `${modules.length === 1 ? 'One driver stays' : `${modules.length} drivers stay`} out: nobody resets the device, so what it still does goes on while the dump is saved.`;
  return [finding('note', written, 'Drivers are left out', text, [DRACUT, 'rd.driver.blacklist'])];
}
