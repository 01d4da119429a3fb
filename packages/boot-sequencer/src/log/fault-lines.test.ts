import type { RemappingUnitHandle } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import type { HandledFault } from '../remapping/kernel-remapping.ts';
import { faultLine, statusLine } from './fault-lines.ts';

const unit = { name: 'dmar0' } as RemappingUnitHandle;

const write: HandledFault = {
  unit,
  requesterId: 0x0400,
  address: 0xfff6_9000,
  write: true,
  reason: 1,
  interrupt: false,
};
const interrupt: HandledFault = {
  ...write,
  requesterId: 0x6100,
  address: 0x42,
  reason: 0x22,
  interrupt: true,
};

describe('fault lines, as kernels of each era print them', () => {
  it('2.6.29 to 3.4: two lines, reasons decimal', () => {
    expect(faultLine('linux-2.6.29', write)).toBe(
      'DMAR:[DMA Write] Request device [04:00.0] fault addr fff69000 \nDMAR:[fault reason 01] Present bit in root entry is clear',
    );
    expect(faultLine('linux-2.6.29', interrupt)).toBe(
      'INTR-REMAP: Request device [[61:00.0] fault index 42\nINTR-REMAP:[fault reason 34] Present field in the IRTE entry is clear',
    );
    expect(statusLine('linux-2.6.29', 2)).toBe('DRHD: handling fault status reg 2');
  });

  it('3.5 to 4.1: the first line has a prefix', () => {
    expect(faultLine('linux-3.5', write)).toMatch(
      /^dmar: DMAR:\[DMA Write\] Request device \[04:00\.0\] fault addr fff69000 \nDMAR:\[fault reason 01\]/,
    );
    expect(statusLine('linux-3.5', 0x102)).toBe('dmar: DRHD: handling fault status reg 102');
  });

  it('4.2 to 4.7: upper case, the second line indented', () => {
    expect(faultLine('linux-4.2', { ...write, write: false, reason: 6 })).toBe(
      'DMAR: DMAR:[DMA Read] Request device [04:00.0] fault addr fff69000 \n               DMAR:[fault reason 06] PTE Read access is not set',
    );
  });

  it('5.15 on: one line, hexadecimal, NO_PASID', () => {
    expect(faultLine('linux-5.15', { ...write, requesterId: 0x0600, address: 0xfffe_f000, reason: 5 })).toBe(
      'DMAR: [DMA Write NO_PASID] Request device [06:00.0] fault addr 0xfffef000 [fault reason 0x05] PTE Write access is not set',
    );
    expect(faultLine('linux-5.15', interrupt)).toBe(
      'DMAR: [INTR-REMAP] Request device [61:00.0] fault index 0x42 [fault reason 0x22] Present field in the IRTE entry is clear',
    );
  });

  it('prints Unknown for what Linux has no text for', () => {
    expect(faultLine('linux-4.8', { ...write, reason: 0xef })).toContain('[fault reason 239] Unknown');
  });
});
