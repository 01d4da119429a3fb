/** kdump's configuration, of whichever distribution. */
export const kdumpFiles: readonly string[] = [
  'etc/kdump.conf',
  'etc/sysconfig/kdump',
  'etc/default/kdump-tools',
  'etc/conf.d/kdump',
];

/**
 * What a capture holds, in its order; the shell script reads the same in the same order. Nothing here has an effect when
 * it is read: `vpd`, `rom` and `resourceN` of functions, which some devices hang upon, are not among them.
 */
export const wholeFiles: readonly string[] = [
  'proc/version',
  'proc/cmdline',
  'proc/iomem',
  ...[
    'panic',
    'panic_on_oops',
    'panic_on_io_nmi',
    'panic_on_unrecovered_nmi',
    'unknown_nmi_panic',
    'osrelease',
  ].map((name) => `proc/sys/kernel/${name}`),
  ...['kexec_loaded', 'kexec_crash_loaded', 'kexec_crash_size'].map((name) => `sys/kernel/${name}`),
  ...['possible', 'present', 'online'].map((name) => `sys/devices/system/cpu/${name}`),
  ...[
    'sys_vendor',
    'product_name',
    'board_vendor',
    'board_name',
    'bios_vendor',
    'bios_version',
    'bios_date',
  ].map((name) => `sys/class/dmi/id/${name}`),
  ...kdumpFiles,
];

/** Files of which some lines are kept: those that begin with one of the words after blanks. */
export const filteredFiles: readonly { readonly path: string; readonly begins: readonly string[] }[] = [
  { path: 'proc/cpuinfo', begins: ['processor', 'vendor_id', 'CPU implementer', 'cpu\t', 'platform'] },
  { path: 'etc/os-release', begins: ['ID=', 'VERSION_ID=', 'PRETTY_NAME='] },
  { path: 'etc/default/grub', begins: ['GRUB_CMDLINE_LINUX'] },
];

/** Folders of which files with an ending are kept, some lines of them. */
export const filteredFolders: readonly {
  readonly path: string;
  readonly ending: string;
  readonly begins: readonly string[];
}[] = [
  { path: 'etc/default/grub.d', ending: '.cfg', begins: ['GRUB_CMDLINE_LINUX'] },
  { path: 'etc/modprobe.d', ending: '.conf', begins: ['blacklist', 'install'] },
];

/** ACPI tables that say how a machine's DMA and interrupts are remapped and where its functions are. */
export const acpiTables: readonly string[] = ['DMAR', 'IVRS', 'MCFG', 'APIC'];

/** Attributes of a remapping unit, below `sys/class/iommu/<unit>`. */
export const unitAttributes: readonly string[] = [
  ...['address', 'cap', 'ecap', 'version', 'domains_supported', 'domains_used'].map(
    (name) => `intel-iommu/${name}`,
  ),
  ...['cap', 'features'].map((name) => `amd-iommu/${name}`),
];

/** Attributes of an IOMMU group. */
export const groupAttributes: readonly string[] = ['type', 'reserved_regions'];

/** Attributes of a function; which of them there are depends on the kernel and on the function. */
export const functionAttributes: readonly string[] = [
  ...[
    'vendor',
    'device',
    'subsystem_vendor',
    'subsystem_device',
    'class',
    'revision',
    'irq',
    'resource',
    'enable',
  ],
  ...['numa_node', 'power_state', 'reset_method', 'boot_vga', 'ari_enabled', 'msi_bus'],
  ...['sriov_numvfs', 'sriov_totalvfs'],
];

/** Symbolic links of a function. */
export const functionLinks: readonly string[] = ['driver', 'iommu_group', 'iommu', 'physfn'];

/** Attributes of a block device; most have the first one alone. */
export const blockAttributes: readonly string[] = ['dev', 'dm/name', 'dm/uuid', 'md/level'];

/** Attributes of a network interface. */
export const interfaceAttributes: readonly string[] = ['operstate', 'bonding/active_slave'];

/** Folders with names of block devices, as links. */
export const deviceNameFolders: readonly string[] = [
  ...['by-id', 'by-label', 'by-partlabel', 'by-partuuid', 'by-path', 'by-uuid'].map(
    (name) => `dev/disk/${name}`,
  ),
  'dev/md',
];

/** Files that name block devices: of all names, those that stand in them are taken. */
export const namingFiles: readonly string[] = [...kdumpFiles, 'etc/fstab', 'proc/cmdline'];
