import { requesterName } from '@quiesce/machine';
import { faultReason } from '@quiesce/vtd-iommu';
import type { FaultLineShape } from '../profile/kernel-profile.ts';
import type { HandledFault } from '../remapping/kernel-remapping.ts';

/** Reason texts are decimal before Linux 5.14, hexadecimal from then on. */
function reasonText(shape: FaultLineShape, reason: number): string {
  const known = faultReason(reason);
  const text = known === undefined || !known.knownToLinux ? 'Unknown' : known.text;
  const code =
    shape === 'linux-5.15' ? `0x${reason.toString(16).padStart(2, '0')}` : String(reason).padStart(2, '0');
  return `[fault reason ${code}] ${text}`;
}

/** The line that begins a round of the handler. */
export function statusLine(shape: FaultLineShape, status: number): string {
  const line = `DRHD: handling fault status reg ${status.toString(16)}`;
  if (shape === 'linux-2.6.29') return line;
  return `${shape === 'linux-3.5' ? 'dmar' : 'DMAR'}: ${line}`;
}

/** One fault as kernels of that era print it; a line feed stands where they print two lines. */
export function faultLine(shape: FaultLineShape, fault: HandledFault): string {
  const reason = reasonText(shape, fault.reason);
  const device = requesterName(fault.requesterId);
  const address = fault.address.toString(16);
  const kind = fault.write ? 'DMA Write' : 'DMA Read';
  switch (shape) {
    case 'linux-2.6.29':
    case 'linux-3.5': {
      const prefix = shape === 'linux-3.5' ? 'dmar: ' : '';
      return fault.interrupt
        ? `${prefix}INTR-REMAP: Request device [[${device}] fault index ${address}\nINTR-REMAP:${reason}`
        : `${prefix}DMAR:[${kind}] Request device [${device}] fault addr ${address} \nDMAR:${reason}`;
    }
    case 'linux-4.2': {
      const indent = ' '.repeat(15);
      return fault.interrupt
        ? `DMAR: INTR-REMAP: Request device [[${device}] fault index ${address}\n${indent}INTR-REMAP:${reason}`
        : `DMAR: DMAR:[${kind}] Request device [${device}] fault addr ${address} \n${indent}DMAR:${reason}`;
    }
    case 'linux-4.8':
      return fault.interrupt
        ? `DMAR: [INTR-REMAP] Request device [${device}] fault index ${address} ${reason}`
        : `DMAR: [${kind}] Request device [${device}] fault addr ${address} ${reason}`;
    case 'linux-5.15':
      return fault.interrupt
        ? `DMAR: [INTR-REMAP] Request device [${device}] fault index 0x${address} ${reason}`
        : `DMAR: [${kind} NO_PASID] Request device [${device}] fault addr 0x${address} ${reason}`;
  }
}
