import type { RegisterLayout } from '@quiesce/simulation';
import {
  ioUpperRegisters,
  ioWindowRegisters,
  memoryWindowRegisters,
  prefetchableUpperRegisters,
  prefetchableWindowRegisters,
} from './window-registers.ts';

/**
 * The windows that a bridge has, from its captured header. The I/O and the prefetchable window are optional; a bridge
 * without one has hardwired zeros there (PCIe 7.5.1.3.6, 7.5.1.3.9), so all zeros mean that it is not implemented.
 */
export function windowLayouts(bytes: Uint8Array): readonly RegisterLayout[] {
  const layouts: RegisterLayout[] = [memoryWindowRegisters];
  if (bytes[0x1c] !== 0 || bytes[0x1d] !== 0) {
    layouts.push(ioWindowRegisters);
    if (((bytes[0x1c] as number) & 0xf) === 1) layouts.push(ioUpperRegisters);
  }
  if (bytes[0x24] !== 0 || bytes[0x25] !== 0 || bytes[0x26] !== 0 || bytes[0x27] !== 0) {
    layouts.push(prefetchableWindowRegisters);
    if (((bytes[0x24] as number) & 0xf) === 1) layouts.push(prefetchableUpperRegisters);
  }
  return layouts;
}
