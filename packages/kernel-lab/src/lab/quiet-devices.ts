import type { QemuProcess } from '@quiesce/qemu-control';
import type { ReportedFunction } from '../guest/reported-functions.ts';

/** Interrupt registers of the devices that the lab keeps busy, as offsets into BAR 0. */
const NETWORK_E1000E = 0x10d3_8086;
/** Interrupt Mask Clear: a one masks the cause (Intel 82574 datasheet, 10.2.4.6). */
const IMC = 0xd8;
const CLASS_HD_AUDIO = 0x0403;
/** Interrupt Control: global, controller and stream enables (High Definition Audio 1.0a, 3.3.14). */
const INTCTL = 0x20;

/**
 * Masks the devices' interrupts in their own registers while the guest stands still, so that none is in service on the
 * processor when the second kernel begins: it would panic in its timer check. DMA goes on.
 */
export async function quietDevices(qemu: QemuProcess, functions: readonly ReportedFunction[]): Promise<void> {
  for (const { id, classCode, bar0 } of functions) {
    if (bar0 === 0) continue;
    if (id === NETWORK_E1000E) await qemu.qtest.write(bar0 + IMC, 4, 0xffff_ffff);
    else if (classCode >>> 8 === CLASS_HD_AUDIO) await qemu.qtest.write(bar0 + INTCTL, 4, 0);
  }
}
