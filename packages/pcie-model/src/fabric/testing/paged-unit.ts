import type {
  DmaRequest,
  InterruptOutcome,
  InterruptRequest,
  RemappingUnit,
  TranslationOutcome,
} from '@quiesce/simulation';

const PAGE = 4096;

/**
 * The smallest unit with all that matters at the seam: a map from requester and page to frame, a cache that has to be
 * filled once, a fault log of limited length, and an interrupt table.
 */
export class PagedUnit implements RemappingUnit {
  readonly name = 'unit0';
  readonly registerBase = 0xfed9_0000;
  readonly registerSize = 0x1000;
  enabled = true;
  /** `requester:page` to frame. */
  readonly pages: Map<string, number> = new Map();
  readonly cache: Set<string> = new Set();
  readonly faults: string[] = [];
  readonly registers: Map<number, number> = new Map();
  /** Index (data of the message) to vector. */
  readonly vectors: Map<number, number> = new Map();
  faultLog = 4;
  /** Lets translated requests pass. */
  trustsDevices = true;

  map(requesterId: number, ioAddress: number, physical: number): void {
    this.pages.set(`${requesterId}:${ioAddress / PAGE}`, physical / PAGE);
  }

  translate(request: DmaRequest, outcome: TranslationOutcome): void {
    const inPage = request.address % PAGE;
    outcome.validFor = PAGE - inPage;
    if (!this.enabled) {
      outcome.untranslated = true;
      outcome.steady = true;
      outcome.address = request.address;
      outcome.allowed = true;
      return;
    }
    if (request.addressType === 2) {
      outcome.allowed = this.trustsDevices;
      outcome.reason = this.trustsDevices ? 0 : 0x0d;
      outcome.address = request.address;
      outcome.untranslated = true;
      outcome.steady = true;
      return;
    }
    const key = `${request.requesterId}:${Math.floor(request.address / PAGE)}`;
    const frame = this.pages.get(key);
    if (frame === undefined) {
      outcome.allowed = false;
      outcome.reason = request.write ? 5 : 6;
      outcome.steady = this.faults.length >= this.faultLog;
      if (!outcome.steady) this.faults.push(`${key}:${request.write}`);
      return;
    }
    outcome.allowed = true;
    outcome.entryAddress = 0x1000 + frame * 8;
    outcome.address = frame * PAGE + inPage;
    outcome.steady = this.cache.has(key);
    this.cache.add(key);
  }

  remapInterrupt(request: InterruptRequest, outcome: InterruptOutcome): void {
    const vector = this.vectors.get(request.data);
    outcome.index = request.data;
    outcome.delivered = vector !== undefined;
    outcome.vector = vector ?? 0;
    outcome.destination = 1;
    outcome.reason = vector === undefined ? 0x22 : 0;
  }

  readRegister32(offset: number): number {
    return this.registers.get(offset) ?? 0;
  }

  writeRegister32(offset: number, value: number): void {
    this.registers.set(offset, value);
  }
}
