import { CapabilityId } from '@quiesce/pcie-model';
import { configBytes, rule, type Statement } from './evidence.ts';
import type { ViewedFunction } from './machine-view.ts';

/** How a function interrupts as it was captured. */
export type InterruptKind = 'msi-x' | 'msi' | 'intx' | 'none';

/** Reads which kind is enabled; message interrupts go before the pin, as in the kernel. */
export function interruptKind(one: ViewedFunction): { kind: InterruptKind; statement?: Statement } {
  const { config } = one;
  if (config.isAbsent) return { kind: 'none' };
  const msix = config.capability(CapabilityId.msix);
  if (msix !== 0 && (config.u16(msix + 2) & 0x8000) !== 0) {
    return { kind: 'msi-x', statement: message(one, msix, 'MSI-X', 'MSI-X Enable (bit 15) is set') };
  }
  const msi = config.capability(CapabilityId.msi);
  if (msi !== 0 && (config.u16(msi + 2) & 1) !== 0) {
    return { kind: 'msi', statement: message(one, msi, 'MSI', 'MSI Enable (bit 0) is set') };
  }
  const disabled = (config.u16(0x04) & 0x400) !== 0;
  if (config.u8(0x3d) === 0 || disabled || one.config.isBridge) return { kind: 'none' };
  return { kind: 'intx' };
}

function message(one: ViewedFunction, at: number, name: string, says: string): Statement {
  return {
    topic: 'interrupt',
    severity: 'note',
    text: `${name} stays enabled: a pending interrupt is a memory write that the crash kernel's interrupt table must know.`,
    evidence: [
      configBytes(one, at + 2, 2, says),
      rule('PCIe 6.1.4', 'a message-signalled interrupt is a memory write; Bus Master Enable gates it'),
    ],
  };
}
