import { describe, expect, it } from 'vitest';
import { identity, RemappingLab } from '../testing/remapping-lab.ts';

const NIC = 0x0100;
const FAULT_STATUS = 0x34;

function rebuilt() {
  const lab = new RemappingLab();
  lab.devices = [identity(NIC)];
  const kernel = lab.boot(2, 'linux-6-no-copy');
  kernel.enableInterruptRemapping();
  kernel.initialise();
  kernel.finishInitialisation();
  lab.lines.length = 0;
  return { lab, kernel };
}

describe('the fault handler', () => {
  it('takes requester, address, direction and reason from the records, then clears them', () => {
    const { lab, kernel } = rebuilt();
    lab.dma(NIC, 0xfff6_9000, true);
    lab.dma(0x0808, 0x12_3456_7000, false);
    expect(lab.unit.readRegister32(FAULT_STATUS) & 2).toBe(2);
    expect(kernel.handleFaults()).toMatchObject([
      { requesterId: NIC, address: 0xfff6_9000, write: true, reason: 5, interrupt: false },
      { requesterId: 0x0808, address: 0x12_3456_7000, write: false, reason: 1, interrupt: false },
    ]);
    expect(lab.unit.readRegister32(FAULT_STATUS) & 3).toBe(0);
    expect(kernel.handleFaults()).toEqual([]);
  });

  it('an overflow is cleared with the records, and later faults are recorded again', () => {
    const { lab, kernel } = rebuilt();
    for (let i = 0; i < 20; i++) lab.dma(NIC, 0xfff0_0000 + i * 4096);
    expect(lab.unit.readRegister32(FAULT_STATUS) & 1).toBe(1);
    expect(kernel.handleFaults()).toHaveLength(8);
    expect(lab.unit.readRegister32(FAULT_STATUS) & 1).toBe(0);
    lab.dma(NIC, 0xffe0_0000);
    expect(kernel.handleFaults()).toMatchObject([{ address: 0xffe0_0000 }]);
  });

  it('begins at the record that the status register names', () => {
    const { lab, kernel } = rebuilt();
    for (let round = 0; round < 30; round++) {
      const address = 0xff00_0000 + round * 4096;
      lab.dma(NIC, address);
      if (round % 3 === 0) lab.dma(NIC, address + 0x80_0000);
      const expected = round % 3 === 0 ? [address, address + 0x80_0000] : [address];
      expect(kernel.handleFaults().map((fault) => fault.address)).toEqual(expected);
    }
  });

  it('an interrupt record has an index where others have an address', () => {
    const { lab, kernel } = rebuilt();
    const { address, data } = kernel.interruptMessage(identity(NIC), 0x41);
    // Entries behind the first are empty; bits 19:5 and 2 of the address are the handle.
    lab.interrupt(NIC, { address: address + (7 << 5), data });
    expect(kernel.handleFaults()).toMatchObject([
      { requesterId: NIC, address: 7, reason: 0x22, interrupt: true },
    ]);
    expect(lab.lines.at(-1)).toContain('fault index 0x7 [fault reason 0x22]');
  });
});
