import { UserError } from '@quiesce/simulation';
import type { KernelConfig } from './kernel-config.ts';

/** An option that a kernel must have for the lab. */
export interface NeededOption {
  /** Without `CONFIG_`; one of them is enough. */
  readonly anyOf: readonly string[];
  readonly purpose: string;
}

/** Built in, not modules: all of it is needed before the first module can be loaded. */
export const neededOptions: readonly NeededOption[] = [
  { anyOf: ['KEXEC_FILE', 'KEXEC'], purpose: 'loads the second kernel' },
  { anyOf: ['CRASH_DUMP'], purpose: 'lets a kernel be the second one' },
  { anyOf: ['PROC_VMCORE'], purpose: 'gives the dump as /proc/vmcore' },
  { anyOf: ['RELOCATABLE'], purpose: 'lets the second kernel run where memory was reserved for it' },
  { anyOf: ['PCI'], purpose: 'finds devices' },
  { anyOf: ['PCI_MSI'], purpose: 'interrupts as drivers use them' },
  { anyOf: ['ACPI'], purpose: 'finds remapping units and the host bridge' },
  { anyOf: ['INTEL_IOMMU'], purpose: 'drives the remapping units' },
  { anyOf: ['IRQ_REMAP'], purpose: 'remaps interrupts' },
  { anyOf: ['KALLSYMS'], purpose: 'tells where its functions stand' },
  { anyOf: ['KALLSYMS_ALL'], purpose: 'tells where its data and its list of initcalls stand' },
  { anyOf: ['BLK_DEV_INITRD'], purpose: "starts the lab's programs" },
  { anyOf: ['BINFMT_ELF'], purpose: "starts the lab's programs" },
  { anyOf: ['BINFMT_SCRIPT'], purpose: "starts the lab's /init" },
  { anyOf: ['DEVTMPFS'], purpose: 'device nodes' },
  { anyOf: ['PROC_FS'], purpose: 'the dump, and what the kernel tells of itself' },
  { anyOf: ['SYSFS'], purpose: 'what the kernel tells of its devices' },
  { anyOf: ['SERIAL_8250_CONSOLE'], purpose: 'its console' },
  { anyOf: ['MAGIC_SYSRQ'], purpose: 'lets it be crashed' },
];

/** A driver that a kernel should have, built in or as a module. */
export interface NeededDriver {
  readonly option: string;
  /** As modprobe calls it. */
  readonly module: string;
  readonly purpose: string;
}

/** Drivers of the devices that the lab's machines are made of. Without one of them its device stays undriven. */
export const neededDrivers: readonly NeededDriver[] = [
  { option: 'E1000E', module: 'e1000e', purpose: 'network cards' },
  { option: 'BLK_DEV_NVME', module: 'nvme', purpose: 'NVMe controllers' },
  { option: 'SND_HDA_GENERIC', module: 'snd-hda-codec-generic', purpose: 'codecs of HD audio controllers' },
  { option: 'SND_HDA_INTEL', module: 'snd-hda-intel', purpose: 'HD audio controllers' },
  { option: 'USB_UHCI_HCD', module: 'uhci-hcd', purpose: 'UHCI controllers' },
];

/** Needed options that a configuration does not have. */
export function missingOptions(config: KernelConfig): NeededOption[] {
  return neededOptions.filter(({ anyOf }) => !anyOf.some((option) => config.isBuiltIn(option)));
}

/** Drivers that a configuration has neither built in nor as a module. */
export function missingDrivers(config: KernelConfig): NeededDriver[] {
  return neededDrivers.filter(({ option }) => !config.isOn(option));
}

/**
 * Refuses a kernel that the lab can't crash, or that can't be a second kernel.
 * @throws UserError `LAB_KERNEL_OPTIONS` with all that is missing, and what each is for
 */
export function checkOptions(config: KernelConfig, file: string): void {
  const missing = missingOptions(config);
  if (missing.length === 0) return;
  const lines = missing.map(
    ({ anyOf, purpose }) => `${anyOf.map((each) => `CONFIG_${each}`).join(' or ')} (${purpose})`,
  );
  throw new UserError('LAB_KERNEL_OPTIONS', `The kernel was built without ${lines.join(', ')}`, {
    expected: 'these built in (=y)',
    place: { file },
  });
}
