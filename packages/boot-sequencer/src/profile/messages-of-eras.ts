import type { KernelMessages } from './kernel-messages.ts';

/** Linux 3.0: the table's parser says `DMAR: `, the rest of the driver `IOMMU`; classes without interface byte. */
export const linux3Messages: KernelMessages = {
  crash: [
    'SysRq : Trigger a crash',
    'BUG: unable to handle kernel NULL pointer dereference at           (null)',
  ],
  remappingAsked: 'Intel-IOMMU: enabled',
  remappingDeclined: 'Intel-IOMMU: disabled',
  hostAddressWidth: 'DMAR: Host address width {bits}',
  unit: 'DMAR: DRHD base: 0x{base14} flags: 0x{flags}',
  unitRegisters: 'IOMMU {index}: reg_base_addr {base} ver {major}:{minor} cap {capability} ecap {extended}',
  reservedMemory: 'DMAR: RMRR base: 0x{start14} end: 0x{end14}',
  ats: 'DMAR: ATSR flags: 0x{flags}',
  proximity: 'DMAR: RHSA base: 0x{base14} proximity domain: 0x{domain}',
  satc: null,
  acpiDevice: null,
  ioApic: 'IOAPIC id {id} under DRHD base 0x{base}',
  hpet: 'HPET id {id} under DRHD base 0x{base}',
  interruptsNotKdump: null,
  interruptsRemapped: null,
  noReservedMemory: 'DMAR: No RMRR found',
  noAts: 'DMAR: No ATSR found',
  noSatc: null,
  queuedInvalidation: 'IOMMU {index} 0x{base}: using Queued invalidation',
  registerInvalidation: 'IOMMU {index} 0x{base}: using Register based invalidation',
  translationNotKdump: null,
  identityMap: 'IOMMU: Setting identity map for device {device} [0x{start} - 0x{end}]',
  remappingReady: 'PCI-DMA: Intel(R) Virtualization Technology for Directed I/O',
  rootBus: null,
  pciFunction: 'pci {device}: [{vendor}:{id}] type {type} class 0x00{class4}',
  bridge: 'pci {device}: PCI bridge to [bus {range}]',
  bridgeWindow: 'pci {device}:   bridge window [mem 0x{start}-0x{end}]',
  init: null,
  restart: 'Restarting system.',
  faultBurst: Number.POSITIVE_INFINITY,
};

/** Linux 3.10: the parser in lower case; whole class codes. */
export const linux310Messages: KernelMessages = {
  ...linux3Messages,
  hostAddressWidth: 'dmar: Host address width {bits}',
  unit: 'dmar: DRHD base: 0x{base14} flags: 0x{flags}',
  unitRegisters:
    'dmar: IOMMU {index}: reg_base_addr {base} ver {major}:{minor} cap {capability} ecap {extended}',
  reservedMemory: 'dmar: RMRR base: 0x{start14} end: 0x{end14}',
  ats: 'dmar: ATSR flags: 0x{flags}',
  proximity: 'dmar: RHSA base: 0x{base14} proximity domain: 0x{domain}',
  ioApic: 'IOAPIC id {id} under DRHD base  0x{base} IOMMU {index}',
  interruptsRemapped: 'Enabled IRQ remapping in xapic mode',
  rootBus: 'PCI host bridge to bus {segment}:{bus}',
  pciFunction: 'pci {device}: [{vendor}:{id}] type {type2} class 0x{class}',
  bridge: 'pci {device}: PCI bridge to [bus {buses}]',
};

/** Linux 4.2: `DMAR: ` and `DMAR-IR: ` everywhere, units by name. */
export const linux42Messages: KernelMessages = {
  ...linux310Messages,
  crash: [
    'sysrq: SysRq : Trigger a crash',
    'BUG: unable to handle kernel NULL pointer dereference at           (null)',
  ],
  remappingAsked: 'DMAR: IOMMU enabled',
  remappingDeclined: 'DMAR: IOMMU disabled',
  hostAddressWidth: 'DMAR: Host address width {bits}',
  unit: 'DMAR: DRHD base: 0x{base14} flags: 0x{flags}',
  unitRegisters: 'DMAR: {name}: reg_base_addr {base} ver {major}:{minor} cap {capability} ecap {extended}',
  reservedMemory: 'DMAR: RMRR base: 0x{start14} end: 0x{end14}',
  ats: 'DMAR: ATSR flags: 0x{flags}',
  proximity: 'DMAR: RHSA base: 0x{base14} proximity domain: 0x{domain}',
  acpiDevice: 'DMAR: ANDD device: {number} name: {device}',
  ioApic: 'DMAR-IR: IOAPIC id {id} under DRHD base  0x{base} IOMMU {index}',
  hpet: 'DMAR-IR: HPET id {id} under DRHD base 0x{base}',
  interruptsNotKdump: 'DMAR-IR: IRQ remapping was enabled on {name} but we are not in kdump mode',
  interruptsRemapped: 'DMAR-IR: Enabled IRQ remapping in xapic mode',
  queuedInvalidation: 'DMAR: {name}: Using Queued invalidation',
  registerInvalidation: 'DMAR: {name}: Using Register based invalidation',
  translationNotKdump: 'DMAR: Translation was enabled for {name} but we are not in kdump mode',
  identityMap: 'DMAR: Setting identity map for device {device} [0x{start} - 0x{end}]',
  remappingReady: 'DMAR: Intel(R) Virtualization Technology for Directed I/O',
  restart: 'reboot: Restarting system',
};

/** Linux 6: identity maps in silence, SATC, a panic that says so, and a rate limit. */
export const linux6Messages: KernelMessages = {
  ...linux42Messages,
  crash: ['sysrq: Trigger a crash', 'Kernel panic - not syncing: sysrq triggered crash'],
  satc: 'DMAR: SATC flags: 0x{flags}',
  noSatc: 'DMAR: No SATC found',
  identityMap: null,
  init: 'Run /init as init process',
  faultBurst: 10,
};

/** Xen 4.1 without `iommu=verbose`: little. */
export const xenMessages: KernelMessages = {
  ...linux3Messages,
  crash: ['SysRq : Trigger a crash', '(XEN) Domain 0 crashed:'],
  remappingAsked: null,
  remappingDeclined: null,
  hostAddressWidth: null,
  unit: null,
  unitRegisters: null,
  reservedMemory: null,
  ats: null,
  proximity: null,
  ioApic: null,
  hpet: null,
  interruptsRemapped: '(XEN) Interrupt remapping enabled',
  noReservedMemory: null,
  noAts: null,
  queuedInvalidation: null,
  registerInvalidation: null,
  identityMap: null,
  remappingReady: '(XEN) I/O virtualisation enabled',
  pciFunction: '(XEN) PCI add device {place}',
  bridge: null,
  bridgeWindow: null,
};
