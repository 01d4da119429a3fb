import type { RegisterFile } from '@quiesce/simulation';
import { registerOffset } from '../registers/register-block.ts';

/**
 * What a unit makes of a write to a register that may not be written while it is in use. The architecture leaves the
 * choice (CONSTRAINED UNPREDICTABLE, SMMUv3 6.3.11, 6.3.12, 6.3.23, 6.3.24): the write is ignored, or taken at once.
 */
export type WriteWhileEnabled = 'ignored' | 'taken';

const SMMUEN = 1;
const EVENTQEN = 4;
const CMDQEN = 8;

/** Keeps registers as they are while what they describe is enabled. */
export function guardRegisters(
  registers: RegisterFile,
  writeWhileEnabled: WriteWhileEnabled,
  onViolation: () => void,
): void {
  const guard = (offset: number, width: number, enable: number, ignores: boolean): void => {
    registers.onWrite(offset, width, (at, _written, previous) => {
      if ((registers.peek32(registerOffset.CR0ACK) & enable) === 0) return;
      onViolation();
      if (ignores) registers.poke32(at, previous);
    });
  };
  const ignores = writeWhileEnabled === 'ignored';
  guard(registerOffset.CR1, 32, SMMUEN | EVENTQEN | CMDQEN, true);
  guard(registerOffset.CR2, 32, SMMUEN | EVENTQEN | CMDQEN, true);
  guard(registerOffset.STRTAB_BASE, 64, SMMUEN, ignores);
  guard(registerOffset.STRTAB_BASE_CFG, 32, SMMUEN, ignores);
  guard(registerOffset.CMDQ_BASE, 64, CMDQEN, true);
  guard(registerOffset.CMDQ_CONS, 32, CMDQEN, true);
  guard(registerOffset.EVENTQ_BASE, 64, EVENTQEN, true);
  guard(registerOffset.EVENTQ_PROD, 32, EVENTQEN, true);
}
