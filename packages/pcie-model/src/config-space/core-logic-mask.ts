import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { rw } from './field-shorthand.ts';

/** Where the register stands in the config space of the functions that have it. */
export const CORE_LOGIC_MASK = 0x1ac;

/**
 * VTUNCERRMSK of Intel's I/O hubs: which errors of the remapping hardware the core logic leaves unreported. Its bit 31 is
 * the one that operating systems set (vtd_mask_spec_errors in Linux, vtd/quirks.c in Xen). No reset short of power reaches
 * it, so that what one kernel has set holds for the next.
 */
export const coreLogicErrorMask: RegisterLayout<'VTUNCERRMSK.REMAPPING_FAULTS'> = registerLayout({
  name: 'remapping error mask of the core logic',
  specification: 'Linux drivers/pci/quirks.c',
  size: 4,
  registers: [
    {
      name: 'VTUNCERRMSK',
      offset: 0x00,
      width: 32,
      section: 'vtd_mask_spec_errors',
      fields: [rw('REMAPPING_FAULTS', 31, 31, 'remapping faults are no platform errors', { sticky: true })],
    },
  ],
});

const INTEL = 0x8086;
/** Tylersburg, Sandy Bridge-EP, Jasper Forest. */
const DEVICES: readonly number[] = [0x342e, 0x3c28, 0x3728];

/** Whether a function with this config space has the register. */
export function hasCoreLogicMask(bytes: Uint8Array): boolean {
  const vendor = (bytes[0] as number) | ((bytes[1] as number) << 8);
  const device = (bytes[2] as number) | ((bytes[3] as number) << 8);
  return bytes.length >= CORE_LOGIC_MASK + 4 && vendor === INTEL && DEVICES.includes(device);
}
