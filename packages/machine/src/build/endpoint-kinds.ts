import {
  defaultTraits,
  type EndpointDescription,
  type EndpointKind,
  type EndpointTraits,
  type EndpointWorkload,
} from '@quiesce/pcie-model';

/** The engine that a function of this class code (24 bits) has. */
export function endpointKindOf(classCode: number): EndpointKind {
  const baseClass = classCode >>> 16;
  const subClass = classCode >>> 8;
  if (baseClass === 0x02) return 'network-ring';
  if (subClass === 0x0403) return 'cyclic-stream';
  if (subClass === 0x0106) return 'ahci';
  if (subClass === 0x0108) return 'nvme';
  if (classCode === 0x0c0300) return 'uhci';
  if (classCode === 0x0c0320) return 'ehci';
  if (classCode === 0x0c0330) return 'xhci';
  // A display from before class codes were defined has 0x000100 (PCI 3.0, appendix D).
  if (baseClass === 0x03 || subClass === 0x0001) return 'scan-out';
  return 'idle';
}

const workloads: Readonly<Record<EndpointKind, EndpointWorkload>> = {
  'network-ring': { ratePerSecond: 200, bytesPerUnit: 64, burstBytes: 128, direction: 'to-memory' },
  // 48 kHz, two channels of 16 bits.
  'cyclic-stream': { ratePerSecond: 48_000, bytesPerUnit: 4, burstBytes: 128, direction: 'to-memory' },
  ahci: { ratePerSecond: 200, bytesPerUnit: 4096, burstBytes: 128, direction: 'to-memory' },
  nvme: { ratePerSecond: 1000, bytesPerUnit: 4096, burstBytes: 128, direction: 'to-memory' },
  // A disk that seeks.
  mpt: { ratePerSecond: 100, bytesPerUnit: 4096, burstBytes: 128, direction: 'to-memory' },
  uhci: { ratePerSecond: 1000, bytesPerUnit: 8, burstBytes: 8, direction: 'to-memory' },
  ehci: { ratePerSecond: 1000, bytesPerUnit: 512, burstBytes: 128, direction: 'to-memory' },
  // Reports of a keyboard or of a management controller's virtual devices that hardly anybody uses.
  xhci: { ratePerSecond: 1, bytesPerUnit: 8, burstBytes: 128, direction: 'to-memory' },
  // Ten lines of each of sixty frames stand for all of them.
  'scan-out': { ratePerSecond: 600, bytesPerUnit: 4096, burstBytes: 128, direction: 'from-memory' },
  idle: { ratePerSecond: 0, bytesPerUnit: 4, burstBytes: 128, direction: 'to-memory' },
};

/**
 * Rate of a display with a frame buffer of its own: it goes on showing its picture, and reads none of the host's memory
 * in less than days.
 */
export const OWN_FRAME_BUFFER = 1e-6;

/** An endpoint of `kind` with the usual traits and load, where nothing else is given. */
export function endpointOf(
  kind: EndpointKind,
  traits: Partial<EndpointTraits> = {},
  workload: Partial<EndpointWorkload> = {},
): EndpointDescription {
  return {
    kind,
    traits: { ...defaultTraits, ...(kind === 'idle' ? { interrupt: 'none' as const } : {}), ...traits },
    workload: { ...workloads[kind], ...workload },
  };
}
