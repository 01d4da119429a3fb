import type { FunctionKind } from '@quiesce/pcie-model';

/** Where in config space the bits of a deviation stand; `undeclared`: behind the header and between capabilities. */
export type Block = 'header' | 'power-management' | 'msi' | 'express' | 'aer' | 'hot-plug' | 'undeclared';

/** Bits of config space in which QEMU answers other than the model, on every function that has them. */
export interface BitDeviation {
  readonly id: string;
  /** What QEMU does, and the clause that the model follows. PCI Express Base Specification 6.0 unless said. */
  readonly reason: string;
  readonly block: Block;
  /** Bytes from the start of the block; 0 for `undeclared`. */
  readonly offset: number;
  /** Bits of the dword there. */
  readonly bits: number;
  /** Kinds of functions that it concerns; default all. */
  readonly kinds?: readonly FunctionKind[];
  /** `not-written`: software never sets these bits, for they start in the model what QEMU does not have. */
  readonly effect: 'not-compared' | 'not-written';
}

const slots: readonly FunctionKind[] = ['root-port', 'downstream-port'];
const conventional: readonly FunctionKind[] = ['conventional'];
const expressBridges: readonly FunctionKind[] = ['root-port', 'upstream-port', 'downstream-port'];
const bridges: readonly FunctionKind[] = [...expressBridges, 'pcie-to-pci-bridge'];
const endpoints: readonly FunctionKind[] = ['endpoint', 'rc-integrated-endpoint'];

/** Known deviations of QEMU 7.2 in single bits. Each is tested to be one still. */
export const bitDeviations: readonly BitDeviation[] = [
  {
    id: 'undeclared-bytes-are-memory',
    reason:
      'QEMU stores whatever is written to bytes that no capability claims; reserved registers are read-only zeros (7.4)',
    block: 'undeclared',
    offset: 0,
    bits: 0xffff_ffff,
    effect: 'not-compared',
  },
  {
    id: 'parity-error-response-hardwired',
    reason: 'QEMU has no Parity Error Response; it is RW except on integrated endpoints (7.5.1.1.3)',
    block: 'header',
    offset: 0x04,
    bits: 0x40,
    effect: 'not-compared',
  },
  {
    id: 'conventional-command-hardwired',
    reason:
      'QEMU has no special cycles, memory write and invalidate, palette snoop, fast back-to-back (PCI 3.0, 6.2.2: optional)',
    block: 'header',
    offset: 0x04,
    bits: 0x238,
    kinds: conventional,
    effect: 'not-compared',
  },
  {
    id: 'latency-timer-hardwired',
    reason: 'QEMU has no Latency Timer; it is RW on a conventional function that bursts (PCI 3.0, 6.2.4)',
    block: 'header',
    offset: 0x0c,
    bits: 0xff00,
    kinds: conventional,
    effect: 'not-compared',
  },
  {
    id: 'expansion-rom-address',
    reason:
      'the Expansion ROM Base Address of QEMU takes addresses; the model has no ROMs, so that it is read-only zeros (7.5.1.2.4)',
    block: 'header',
    offset: 0x30,
    bits: 0xffff_ffff,
    kinds: endpoints,
    effect: 'not-compared',
  },
  {
    id: 'secondary-latency-timer-writable',
    reason:
      'QEMU stores the Secondary Latency Timer of PCI Express ports; it is read-only zeros there (7.5.1.3.4)',
    block: 'header',
    offset: 0x18,
    bits: 0xff00_0000,
    kinds: expressBridges,
    effect: 'not-compared',
  },
  {
    id: 'held-secondary-bus-reset',
    reason:
      'below a port that holds Secondary Bus Reset QEMU answers; the link is down for as long as it is set (6.6.1, 7.5.1.3.13)',
    block: 'header',
    offset: 0x3c,
    bits: 0x0040_0000,
    kinds: bridges,
    effect: 'not-written',
  },
  {
    id: 'power-state-unchecked',
    reason:
      'QEMU stores PowerState, supported or not, and goes from D3hot to D0 without a reset; unsupported states are not taken (7.5.2.2, 5.3.1.4)',
    block: 'power-management',
    offset: 4,
    bits: 3,
    effect: 'not-written',
  },
  {
    id: 'power-management-partial',
    reason:
      'QEMU hardwires PME_En and Data_Select on NVMe; on e1000e no reset changes Data_Select (7.5.2.2: RWS and RW)',
    block: 'power-management',
    offset: 4,
    bits: 0x1f00,
    effect: 'not-compared',
  },
  {
    id: 'multiple-message-enable-clamped',
    reason:
      'QEMU clamps Multiple Message Enable to what the function is capable of; more is undefined (7.7.1.2)',
    block: 'msi',
    offset: 0,
    bits: 0x70_0000,
    effect: 'not-compared',
  },
  {
    id: 'device-control-hardwired',
    reason:
      'QEMU has neither Max_Payload_Size, Max_Read_Request_Size, nor tags and ordering in Device Control (7.5.3.4: RW)',
    block: 'express',
    offset: 8,
    bits: 0x7ff0,
    effect: 'not-compared',
  },
  {
    id: 'endpoint-error-reporting-hardwired',
    reason: 'endpoints of QEMU have no error reporting enables in Device Control (7.5.3.4: RW)',
    block: 'express',
    offset: 8,
    bits: 0xf,
    kinds: endpoints,
    effect: 'not-compared',
  },
  {
    id: 'error-reporting-kept',
    reason:
      'the PCIe-to-PCI bridge of QEMU keeps its error reporting enables over a reset (7.5.3.4: RW, not sticky)',
    block: 'express',
    offset: 8,
    bits: 0xf,
    kinds: ['pcie-to-pci-bridge'],
    effect: 'not-compared',
  },
  {
    id: 'switch-ports-reset-themselves',
    reason: 'switch ports of QEMU offer and do a function level reset; only endpoints may (7.5.3.3, 6.6.2)',
    block: 'express',
    offset: 8,
    bits: 0x8000,
    kinds: expressBridges,
    effect: 'not-written',
  },
  {
    id: 'link-control-hardwired',
    reason: 'QEMU has no Link Control (7.5.3.7: RW)',
    block: 'express',
    offset: 0x10,
    bits: 0x0fcb,
    effect: 'not-compared',
  },
  {
    id: 'link-disable-hardwired',
    reason: 'QEMU has no Link Disable: below it everything goes on answering (7.5.3.7)',
    block: 'express',
    offset: 0x10,
    bits: 0x10,
    kinds: slots,
    effect: 'not-written',
  },
  {
    id: 'link-active-not-shown',
    reason:
      'ports of QEMU promise Data Link Layer Link Active and show it only for what was plugged in later (7.5.3.8)',
    block: 'express',
    offset: 0x10,
    bits: 0x2000_0000,
    kinds: slots,
    effect: 'not-compared',
  },
  {
    id: 'slot-power-keeps-sticky-bits',
    reason:
      'what is below a slot without power keeps its sticky bits in QEMU; they do not outlast power (7.5.3.10, 7.4)',
    block: 'express',
    offset: 0x18,
    bits: 0x400,
    kinds: slots,
    effect: 'not-written',
  },
  {
    id: 'slot-interlock',
    reason:
      'QEMU has an electromechanical interlock that Slot Control toggles; the model has none (7.5.3.10: optional)',
    block: 'express',
    offset: 0x18,
    bits: 0x800,
    kinds: slots,
    effect: 'not-written',
  },
  {
    id: 'slot-control-partial',
    reason: 'QEMU has no power fault, latch and link state enables in Slot Control (7.5.3.10: RW)',
    block: 'express',
    offset: 0x18,
    bits: 0x1006,
    kinds: slots,
    effect: 'not-compared',
  },
  {
    id: 'slot-events',
    reason: 'QEMU completes commands to the slot and sets Slot Status; the model has no hot-plug (6.7.3)',
    block: 'express',
    offset: 0x18,
    bits: 0x011f_0000,
    kinds: slots,
    effect: 'not-compared',
  },
  {
    id: 'root-pme-interrupt-hardwired',
    reason: 'QEMU has no PME Interrupt Enable in Root Control (7.5.3.12: RW)',
    block: 'express',
    offset: 0x1c,
    bits: 8,
    kinds: ['root-port'],
    effect: 'not-compared',
  },
  {
    id: 'device-control-2-hardwired',
    reason: 'QEMU has none of the fields of Device Control 2 but ARI forwarding (7.5.3.16: RW)',
    block: 'express',
    offset: 0x28,
    bits: 0x77df,
    effect: 'not-compared',
  },
  {
    id: 'prefix-blocking-stored',
    reason: 'QEMU stores End-End TLP Prefix Blocking everywhere; the model knows no prefixes (7.5.3.16)',
    block: 'express',
    offset: 0x28,
    bits: 0x8000,
    effect: 'not-compared',
  },
  {
    id: 'ari-forwarding-of-a-bridge',
    reason:
      'the PCIe-to-PCI bridge of QEMU stores ARI Forwarding Enable; only downstream ports have it (7.5.3.16)',
    block: 'express',
    offset: 0x28,
    bits: 0x20,
    kinds: ['pcie-to-pci-bridge'],
    effect: 'not-compared',
  },
  {
    id: 'link-control-2-hardwired',
    reason: 'QEMU has no Link Control 2 (7.5.3.19: RWS)',
    block: 'express',
    offset: 0x30,
    bits: 0xffbf,
    effect: 'not-compared',
  },
  {
    id: 'uncorrectable-mask-hardwired',
    reason: 'QEMU 7.2 has no Uncorrectable Error Mask; it came with QEMU 8.1 (7.8.4.3: RWS)',
    block: 'aer',
    offset: 0x08,
    bits: 0x07ff_f030,
    effect: 'not-compared',
  },
  {
    id: 'poisoned-egress-severity-hardwired',
    reason: 'QEMU has no severity of Poisoned TLP Egress Blocked (7.8.4.4: RWS, optional)',
    block: 'aer',
    offset: 0x0c,
    bits: 0x0400_0000,
    effect: 'not-compared',
  },
  {
    id: 'hot-plug-controller-window',
    reason:
      'the standard hot-plug controller of QEMU has a dword select; the model keeps such a capability as it was (SHPC 1.0, 4.2)',
    block: 'hot-plug',
    offset: 0,
    bits: 0x00ff_0000,
    effect: 'not-compared',
  },
  {
    id: 'hot-plug-controller-data',
    reason: 'the standard hot-plug controller of QEMU shows the selected dword (SHPC 1.0, 4.2)',
    block: 'hot-plug',
    offset: 4,
    bits: 0xffff_ffff,
    effect: 'not-compared',
  },
];
