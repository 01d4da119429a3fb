import { faultReason } from './fault-reasons.ts';

/** How a kernel prints fault reasons; differs by its age. */
export interface FaultLogStyle {
  /** Linux 5.14 and later: `0x05`; before it two decimal digits: `05`, and `34` for 0x22. */
  readonly hexadecimal: boolean;
  /** Linux 5.5 and later has texts for scalable mode; before it everything from 0x30 on is "Unknown". */
  readonly scalable: boolean;
}

/** The number as it stands in `[fault reason …]`. */
export function faultReasonNumber(code: number, style: FaultLogStyle): string {
  return style.hexadecimal ? `0x${code.toString(16).padStart(2, '0')}` : String(code).padStart(2, '0');
}

/** The text after `[fault reason …]`, "Unknown" for what the kernel has no text for. */
export function faultReasonText(code: number, style: FaultLogStyle): string {
  if (code === 0) return 'Software';
  const reason = faultReason(code);
  if (reason === undefined || !reason.knownToLinux) return 'Unknown';
  return reason.class === 'dma-scalable' && !style.scalable ? 'Unknown' : reason.text;
}
