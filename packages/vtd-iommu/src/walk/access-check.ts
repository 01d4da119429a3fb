import {
  TLB_EXECUTE,
  TLB_NOT_PRESENT,
  TLB_READ,
  TLB_SUPERVISOR_WRITE,
  TLB_USER,
  TLB_WRITE,
} from '../cache/io-tlb.ts';
import { FIRST_LEVEL_TRANSLATION, SECOND_LEVEL_TRANSLATION } from '../tables/pasid-entry.ts';

/** What a scalable-mode request wants, held against what the levels together allow (VT-d 3.6.1, 3.7). */
export class AccessCheck {
  /** PGTT of its PASID entry. */
  type = 0;
  write = false;
  execute = false;
  privileged = false;
  /** WPE of its PASID entry. */
  writeProtect = false;

  /** @returns 0, or the fault reason. `found`: TLB_ flags */
  denied(found: number): number {
    if ((found & TLB_NOT_PRESENT) !== 0) return this.type === FIRST_LEVEL_TRANSLATION ? 0x71 : 0x79;
    if (this.type !== SECOND_LEVEL_TRANSLATION) {
      if (!this.privileged && (found & TLB_USER) === 0) return 0x81;
      if (this.execute && (found & TLB_EXECUTE) === 0) return 0x82;
    }
    if (!this.write) return (found & TLB_READ) === 0 ? 0x86 : 0;
    if ((found & TLB_WRITE) !== 0) return 0;
    const unprotected = this.privileged && !this.writeProtect;
    return unprotected && (found & TLB_SUPERVISOR_WRITE) !== 0 ? 0 : 0x85;
  }
}
