import { faultReasonNumber, faultReasonText } from '@quiesce/vtd-iommu';

/** A fault as tests ask a log for it. */
export interface PlannedFault {
  readonly kind: 'dma' | 'interrupt';
  readonly operation: 'read' | 'write';
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
  /** Page number of the address. */
  readonly page: number;
  readonly index: number;
  /** Of its kind. */
  readonly reason: number;
}

/** Line shapes that tests print. */
export const shapes = ['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'xen'] as const;

/** One of the shapes that kernels print. */
export type Shape = (typeof shapes)[number];

/** The lines of a fault as a kernel of that shape prints them, without a carrier; the status line comes first. */
export function printFault(fault: PlannedFault, shape: Shape): string[] {
  const hexadecimal = shape === 'F7' || shape === 'F8';
  const who = requester(fault, shape);
  const address = `${hexadecimal ? '0x' : ''}${fault.page === 0 ? '0' : `${fault.page.toString(16)}000`}`;
  const index = `${hexadecimal ? '0x' : ''}${fault.index.toString(16)}`;
  const style = { hexadecimal, scalable: true };
  const number = shape === 'xen' ? hex(fault.reason) : faultReasonNumber(fault.reason, style);
  const text = faultReasonText(fault.reason, style);
  const dma = fault.kind === 'dma';
  const way = fault.operation === 'read' ? 'Read' : 'Write';
  const target = dma ? `fault addr ${address}` : `fault index ${index}`;
  const unit = dma ? 'DMAR' : 'INTR-REMAP';
  if (shape === 'xen') {
    const head = dma ? `DMAR:[DMA ${way}]` : 'INTR-REMAP:';
    return [
      `(XEN) [VT-D]${head} Request device [${who}] ${target}`,
      `(XEN) [VT-D]${unit}: reason ${number} - ${text}`,
    ];
  }
  if (shape === 'F1' || shape === 'F2' || shape === 'F3' || shape === 'F4') {
    const prefix = { F1: '', F2: '', F3: 'dmar: ', F4: 'DMAR: ' }[shape];
    const head = dma ? `DMAR:[DMA ${way}] Request device [${who}]` : `INTR-REMAP: Request device [[${who}]`;
    const lines = [`${prefix}${head} ${target} `, `${unit}:[fault reason ${number}] ${text}`];
    return shape === 'F1' ? lines : [`${prefix}DRHD: handling fault status reg 2`, ...lines];
  }
  const pasid = shape === 'F6' && dma ? 'PASID ffffffff ' : '';
  const head = dma ? `[DMA ${way}${hexadecimal ? ' NO_PASID' : ''}]` : '[INTR-REMAP]';
  return [
    'DMAR: DRHD: handling fault status reg 2',
    `DMAR: ${head} Request device [${who}] ${pasid}${target} [fault reason ${number}] ${text}`,
  ];
}

function requester({ bus, device, fn }: PlannedFault, shape: Shape): string {
  if (shape === 'F7') return `0x${hex(bus)}:0x${hex(device)}.${fn}`;
  return `${shape === 'xen' ? '0000:' : ''}${hex(bus)}:${hex(device)}.${fn}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
