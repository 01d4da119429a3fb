import { registerOffset } from '@quiesce/vtd-iommu';
import type { Step } from './scenario.ts';

/** F of the only fault recording register of these units, at CAP.FRO. */
export const FAULT_RECORD = 0x220;
/** IO-TLB registers, at ECAP.IRO. */
export const IVA = 0xf0;
export const IOTLB = 0xf8;
/** Page of the invalidation queue: all scenarios have theirs here, 256 descriptors of 16 bytes or 128 of 32. */
export const QUEUE = 0x1f_0000;
/** Where wait descriptors of {@link resetSteps} write their status. */
const STATUS = 0x1f_f000;
const QIE = 0x0400_0000;

/** What a fault handler writes when it has read the log. */
export const clearLog: readonly Step[] = [
  { do: 'register', offset: FAULT_RECORD + 12, value: 0x8000_0000 },
  { do: 'register', offset: registerOffset.FSTS, value: 0x1 },
];

/** GCMD.TE: on when a scenario starts, for switching it costs QEMU 10 ms. The root table is one of zeros. */
export const TE = 0x8000_0000;

/**
 * Brings a unit back to where all scenarios start, whatever the last one did: as after a reset, with translation on
 * in `mode`. QEMU's has no reset of its own, and does not
 * switch its queue off until it is idle behind a wait descriptor.
 */
export function resetSteps(scenario: readonly Step[], mode: number): Step[] {
  const steps: Step[] = [{ do: 'register', offset: registerOffset.FSTS, value: 0x11 }];
  const write = (offset: number, value: number): void => {
    steps.push({ do: 'register', offset, value });
  };
  if (scenario.some((step) => step.do === 'register' && step.offset === 0x18 && (step.value & QIE) !== 0)) {
    const words = Array.from({ length: 1024 }, (_, i) => (i % 4 === 0 ? 0x25 : i % 4 === 2 ? STATUS : 0));
    steps.push({ do: 'memory', address: QUEUE, words });
    write(registerOffset.IQT, 0x20);
    write(registerOffset.IQT, 0x40);
  }
  write(registerOffset.GCMD, TE);
  write(registerOffset.IQT, 0);
  for (const offset of [registerOffset.IQA, registerOffset.IRTA, IVA]) {
    write(offset, 0);
    write(offset + 4, 0);
  }
  write(registerOffset.RTADDR + 4, 0);
  for (const offset of [0x3c, 0x40, 0x44, 0xa4, 0xa8, 0xac]) write(offset, 0);
  write(registerOffset.RTADDR, mode);
  write(registerOffset.GCMD, TE + 0x4000_0000);
  write(registerOffset.GCMD, TE + 0x0100_0000);
  write(registerOffset.CCMD, 0);
  write(registerOffset.CCMD + 4, 0xa000_0000);
  write(registerOffset.CCMD + 4, 0);
  write(IOTLB, 0);
  write(IOTLB + 4, 0x9000_0000);
  write(IOTLB + 4, 0);
  write(FAULT_RECORD + 12, 0x8000_0000);
  write(registerOffset.FSTS, 0x11);
  write(registerOffset.ICS, 1);
  write(registerOffset.FECTL, 0x8000_0000);
  write(registerOffset.IECTL, 0x8000_0000);
  return steps;
}

/** What comes before them on a unit that was really reset: its mode cannot be changed once translation is on. */
export function firstSteps(mode: number): Step[] {
  return [
    { do: 'register', offset: registerOffset.RTADDR, value: mode },
    { do: 'register', offset: registerOffset.GCMD, value: 0x4000_0000 },
  ];
}
