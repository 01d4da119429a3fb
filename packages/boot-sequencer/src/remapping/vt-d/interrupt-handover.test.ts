import { compatibilityMessage, InterruptTable, remappedInterruptEntry } from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import { identity, RemappingLab } from '../testing/remapping-lab.ts';

const NIC = 0x0100;
const IRE = 0x0200_0000;

function crashed() {
  const lab = new RemappingLab();
  const first = lab.boot(1, 'linux-6');
  first.enableInterruptRemapping();
  const message = first.interruptMessage(identity(NIC), 0x41);
  expect(lab.interrupt(NIC, message)).toMatchObject({ delivered: true, vector: 0x41 });
  lab.commands.length = 0;
  return { lab, message };
}

describe('interrupt remapping in the second kernel', () => {
  it('rebuilt: what the devices still send meets an empty table', () => {
    const { lab, message } = crashed();
    lab.boot(2, 'linux-3.10').enableInterruptRemapping();
    expect(lab.interruptRemappingOn).toBe(true);
    expect(lab.interrupt(NIC, message)).toMatchObject({ delivered: false, reason: 0x22 });
  });

  it('copied: never off, old interrupts still arrive, new ones take other entries', () => {
    const { lab, message } = crashed();
    const second = lab.boot(2, 'linux-6');
    second.enableInterruptRemapping();
    for (const command of lab.commands) expect(command & IRE).not.toBe(0);
    expect(lab.interrupt(NIC, message)).toMatchObject({ delivered: true, vector: 0x41 });
    const fresh = second.interruptMessage(identity(0x0200), 0x52);
    expect(lab.interrupt(0x0200, fresh)).toMatchObject({ delivered: true, vector: 0x52 });
    expect(lab.interrupt(NIC, message)).toMatchObject({ vector: 0x41 });
    expect(lab.lines).toContain('DMAR-IR: Copied IR table for dmar0 from previous kernel');
  });

  it('a table of another size is not copied', () => {
    const { lab, message } = crashed();
    const small = new InterruptTable({
      memory: lab.memory,
      writer: lab.memory.writer('kernel 1'),
      address: 0x10_0000,
      entries: 256,
    });
    small.set(0, remappedInterruptEntry({ vector: 0x41, destination: 0, sourceValidation: 0, sourceId: 0 }));
    lab.unit.writeRegister32(0xb8, 0x10_0007);
    lab.unit.writeRegister32(0xbc, 0);
    lab.unit.writeRegister32(0x18, 0x0700_0000);
    lab.boot(2, 'linux-6').enableInterruptRemapping();
    expect(lab.lines).toContain('DMAR-IR: Failed to copy IR table for dmar0 from previous kernel');
    expect(lab.interrupt(NIC, message).delivered).toBe(false);
  });

  it('entries let their own requester through only', () => {
    const { lab, message } = crashed();
    expect(lab.interrupt(0x0208, message)).toMatchObject({ delivered: false, reason: 0x26 });
  });

  it('without it, messages have the compatibility format', () => {
    const lab = new RemappingLab();
    const kernel = lab.boot(2, 'linux-6');
    expect(kernel.interruptMessage(identity(NIC), 0x33)).toEqual(compatibilityMessage(0, 0x33));
  });
});

describe('hypervisors before 2019', () => {
  it('switch translation and interrupt remapping off while they crash', () => {
    const lab = new RemappingLab();
    lab.devices = [identity(NIC)];
    const xen = lab.boot(1, 'xen-2011');
    xen.enableInterruptRemapping();
    xen.initialise();
    xen.finishInitialisation();
    expect(xen.mapDma(identity(NIC), 0x800_0000, 4096)).toBe(0x1234_5000);
    xen.disableOnCrash();
    expect(lab.translationOn || lab.interruptRemappingOn).toBe(false);
    expect(lab.dma(NIC, 0x1234_5000)).toMatchObject({ untranslated: true, address: 0x1234_5000 });
  });
});
