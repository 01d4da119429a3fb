import type { Severity } from './error-messages.ts';
import type { ErrorRegisters } from './error-registers.ts';
import { AER } from './register-offsets.ts';

/**
 * Books a message in Root Error Status and Error Source Identification (PCIe 7.8.4.10, 7.8.4.11).
 * True if that makes the root port interrupt: an enabled status bit rises while none of its kind was set (6.2.4.1.2).
 */
export function receiveAtRoot(root: ErrorRegisters, sourceId: number, severity: Severity): boolean {
  if (root.aer === 0) return false;
  const before = root.readAer(AER.rootStatus);
  const command = root.readAer(AER.rootCommand);
  if (severity === 0) {
    const first = (before & AER.correctableReceived) === 0;
    root.setAer(AER.rootStatus, first ? AER.correctableReceived : AER.multipleCorrectable);
    if (first) root.setErrorSource(0, sourceId);
    return first && (command & AER.interruptOnCorrectable) !== 0;
  }
  const first = (before & AER.uncorrectableReceived) === 0;
  const kind = severity === 2 ? AER.fatalReceived : AER.nonfatalReceived;
  let bits = kind | (first ? AER.uncorrectableReceived : AER.multipleUncorrectable);
  if (first && severity === 2) bits |= AER.firstIsFatal;
  root.setAer(AER.rootStatus, bits);
  if (first) root.setErrorSource(16, sourceId);
  return (before & kind) === 0 && (command & (AER.interruptOnCorrectable << severity)) !== 0;
}

/** A status bit is set whose interrupt is enabled: INTx stays asserted (6.2.4.1.2). */
export function wantsService(root: ErrorRegisters): boolean {
  const status = root.readAer(AER.rootStatus);
  const enabled = root.readAer(AER.rootCommand);
  const correctable =
    (status & AER.correctableReceived) !== 0 && (enabled & AER.interruptOnCorrectable) !== 0;
  const nonfatal =
    (status & AER.nonfatalReceived) !== 0 && (enabled & (AER.interruptOnCorrectable << 1)) !== 0;
  const fatal = (status & AER.fatalReceived) !== 0 && (enabled & (AER.interruptOnCorrectable << 2)) !== 0;
  return correctable || nonfatal || fatal;
}
