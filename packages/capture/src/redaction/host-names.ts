/** Words that hosts are called by and that say nothing about whose they are, or that would tear up what is captured. */
const ordinary: ReadonlySet<string> = new Set(
  `localhost localdomain localhost4 localhost6 localdomain4 localdomain6 ip6-localhost ip6-loopback ip6-allnodes
  ip6-allrouters ip6-localnet ip6-mcastprefix broadcasthost gateway linux kernel debian ubuntu fedora centos rocky
  almalinux rhel redhat suse opensuse arch gentoo alpine root boot crash kdump kexec pci pcie acpi dmar iommu intel amd
  nvme usb sata scsi ata ahci net eth0 console quiet host name user account address mac uuid serial number label disk
  storage password world wide hardware device vital product data network destination local server the true false yes`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/**
 * Names that a machine goes by, for redactLine: each name, its first label and its domain; longest first. Names that are
 * too short or too ordinary to be replaced wherever they stand are left out.
 */
export function hostNamesOf(names: readonly string[]): string[] {
  const all = new Set<string>();
  for (const given of names) {
    const name = given.trim().toLowerCase().replace(/\.$/, '');
    const dot = name.indexOf('.');
    for (const part of dot < 0 ? [name] : [name, name.slice(0, dot), name.slice(dot + 1)]) {
      if (!isTelling(part)) continue;
      all.add(part);
      // So a volume group that is called like the host stands in names of device mapper.
      if (part.includes('-')) all.add(part.replaceAll('-', '--'));
    }
  }
  return [...all].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).slice(0, 100);
}

/** Names of the lines of `/etc/hosts`. */
export function namesInHosts(text: string): string[] {
  return text
    .split('\n')
    .slice(0, 1000)
    .flatMap((line) => (line.split('#')[0] as string).trim().split(/\s+/).slice(1));
}

function isTelling(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name) || name.length < 3 || name.length > 255 || !/[a-z]/.test(name))
    return false;
  return !name.split(/[.-]/).every((part) => ordinary.has(part) || /^[0-9]*$/.test(part));
}
