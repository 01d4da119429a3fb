import {
  type Address,
  type DmaRequest,
  NO_PASID,
  type RegisterFile,
  type TranslationOutcome,
} from '@quiesce/simulation';
import {
  CONFIG_ACTION,
  CONFIG_ATS,
  CONFIG_ENTRY,
  CONFIG_FLAGS,
  CONFIG_IGNORES_ACCESS_FLAG,
  CONFIG_INPUT_LIMIT,
  CONFIG_KEY,
  CONFIG_LEVEL,
  CONFIG_OUTPUT_LIMIT,
  CONFIG_RECORDS,
  CONFIG_TABLE,
  type ConfigurationCache,
  StreamAction,
} from '../cache/configuration-cache.ts';
import {
  TLB_EXECUTE_PRIVILEGED,
  TLB_EXECUTE_USER,
  TLB_READ,
  TLB_USER,
  TLB_WRITE,
  type TranslationCache,
} from '../cache/translation-cache.ts';
import { EventNumber } from '../events/event-names.ts';
import type { EventQueue } from '../queues/event-queue.ts';
import { registerOffset } from '../registers/register-block.ts';
import { EVENT_RECORD_WORDS, EventClass, type EventRecord, fillEventRecord } from '../tables/event-record.ts';
import type { ConfigurationWalk } from '../walk/configuration-walk.ts';
import type { PageWalk } from '../walk/page-walk.ts';
import { passThrough, refuse, translatedBytes } from './request-outcome.ts';

const ATSCHK = 0x10;
const RECINVSID = 2;

/** Told of each request that is refused with an event, recorded or not. */
export type FaultSink = (fault: {
  readonly event: number;
  readonly streamId: number;
  readonly address: Address;
  readonly write: boolean;
}) => void;

/** What an enabled unit makes of a request: configuration, TLB, page tables, events (SMMUv3 3.4, 7.3). */
export class StreamTranslation {
  readonly #registers: RegisterFile;
  readonly #configurations: ConfigurationCache;
  readonly #translations: TranslationCache;
  readonly #configurationWalk: ConfigurationWalk;
  readonly #pageWalk: PageWalk;
  readonly #events: EventQueue;
  readonly #onFault: FaultSink | undefined;
  /** Reused for every event. */
  readonly #record: { -readonly [Field in keyof EventRecord]: EventRecord[Field] } = {
    number: 0,
    streamId: 0,
    substreamId: -1,
    address: 0,
    read: false,
    privileged: false,
    execute: false,
    stage2: false,
    class: 0,
    fetchAddress: 0,
  };
  readonly #words: Uint32Array = new Uint32Array(EVENT_RECORD_WORDS);

  constructor(parts: {
    readonly registers: RegisterFile;
    readonly configurations: ConfigurationCache;
    readonly translations: TranslationCache;
    readonly configurationWalk: ConfigurationWalk;
    readonly pageWalk: PageWalk;
    readonly events: EventQueue;
    readonly onFault: FaultSink | undefined;
  }) {
    this.#registers = parts.registers;
    this.#configurations = parts.configurations;
    this.#translations = parts.translations;
    this.#configurationWalk = parts.configurationWalk;
    this.#pageWalk = parts.pageWalk;
    this.#events = parts.events;
    this.#onFault = parts.onFault;
  }

  translate(request: DmaRequest, outcome: TranslationOutcome): void {
    const checked = (this.#registers.peek32(registerOffset.CR0ACK) & ATSCHK) !== 0;
    if (request.addressType === 2 && !checked) {
      passThrough(request.address, 0, outcome);
      return;
    }
    let changed = false;
    let slot = this.#configurations.find(request.requesterId, request.pasid);
    if (slot < 0) {
      const event = this.#configurationWalk.load(request.requesterId, request.pasid);
      if (event !== 0) {
        this.#configurationFault(request, outcome, event);
        return;
      }
      slot = this.#configurationWalk.slot;
      changed = true;
    }
    const { fields } = this.#configurations;
    const entry = fields[slot + CONFIG_ENTRY] as number;
    const action = fields[slot + CONFIG_ACTION];
    if (action === StreamAction.abort) refuse(request.address, entry, outcome);
    else if (request.addressType !== 0 && ((fields[slot + CONFIG_FLAGS] as number) & CONFIG_ATS) === 0) {
      const event =
        request.addressType === 1 ? EventNumber.badTranslationRequest : EventNumber.translatedForbidden;
      this.#fault(request, outcome, event, entry, 0, true, false, changed);
    } else if (action === StreamAction.bypass || request.addressType === 2) {
      passThrough(request.address, entry, outcome);
    } else {
      this.#throughTables(request, outcome, slot, changed);
      return;
    }
    if (changed) outcome.steady = false;
  }

  /** Whether a write of this stream to the interrupt window gets through: its page table is not asked. */
  passesInterrupt(request: DmaRequest, outcome: TranslationOutcome): boolean {
    let slot = this.#configurations.find(request.requesterId, request.pasid);
    if (slot < 0) {
      const event = this.#configurationWalk.load(request.requesterId, request.pasid);
      if (event !== 0) {
        this.#configurationFault(request, outcome, event);
        return false;
      }
      slot = this.#configurationWalk.slot;
    }
    return this.#configurations.fields[slot + CONFIG_ACTION] !== StreamAction.abort;
  }

  #throughTables(request: DmaRequest, outcome: TranslationOutcome, slot: number, reloaded: boolean): void {
    const { fields } = this.#configurations;
    const { address } = request;
    const key = fields[slot + CONFIG_KEY] as number;
    const flags = fields[slot + CONFIG_FLAGS] as number;
    const records = (flags & CONFIG_RECORDS) !== 0;
    const stage2 = fields[slot + CONFIG_ACTION] === StreamAction.stage2;
    let changed = reloaded;
    let found = this.#translations.find(address, key);
    if (found < 0) {
      const walk = this.#pageWalk;
      walk.entry = 0;
      const event =
        address >= (fields[slot + CONFIG_INPUT_LIMIT] as number)
          ? EventNumber.translation
          : walk.walk(
              fields[slot + CONFIG_TABLE] as number,
              fields[slot + CONFIG_LEVEL] as number,
              address,
              fields[slot + CONFIG_OUTPUT_LIMIT] as number,
              stage2,
              (flags & CONFIG_IGNORES_ACCESS_FLAG) !== 0,
            );
      if (event !== 0) {
        const fetch = event === EventNumber.walkAbort ? walk.entry : 0;
        this.#fault(request, outcome, event, walk.entry, fetch, records, stage2, changed);
        return;
      }
      found = this.#translations.insert(address, walk.size, key, walk.frame, walk.flags, walk.entry);
      changed = true;
    }
    const entry = this.#translations.entryAddress(found);
    if (!permits(this.#translations.flags(found), request)) {
      this.#fault(request, outcome, EventNumber.permission, entry, 0, records, stage2, changed);
      return;
    }
    const bytes = this.#translations.pageBytes(found);
    outcome.allowed = true;
    outcome.address = this.#translations.translate(found, address);
    outcome.validFor = translatedBytes(address, outcome.address, bytes - (address % bytes));
    outcome.reason = 0;
    outcome.entryAddress = entry;
    outcome.untranslated = false;
    outcome.steady = !changed;
  }

  #configurationFault(request: DmaRequest, outcome: TranslationOutcome, event: number): void {
    const walk = this.#configurationWalk;
    const silent =
      event === EventNumber.badStreamId && (this.#registers.peek32(registerOffset.CR2) & RECINVSID) === 0;
    this.#fault(request, outcome, event, walk.entry, walk.fetchAddress, !silent, false, false);
  }

  #fault(
    request: DmaRequest,
    outcome: TranslationOutcome,
    event: number,
    entry: Address,
    fetchAddress: Address,
    records: boolean,
    stage2: boolean,
    changed: boolean,
  ): void {
    refuse(request.address, entry, outcome);
    outcome.reason = event;
    outcome.steady = !changed && (!records || this.#events.saturated);
    const { requesterId: streamId, address, write } = request;
    if (this.#onFault !== undefined) this.#onFault({ event, streamId, address, write });
    // A refused translation request is answered, not recorded, unless it should never have been made.
    const answered = request.addressType === 1 && event >= EventNumber.translation;
    if (!records || answered) return;
    const record = this.#record;
    record.number = event;
    record.streamId = streamId;
    record.substreamId = request.pasid === NO_PASID ? -1 : request.pasid;
    record.address = address;
    record.read = !write;
    record.privileged = request.privileged;
    record.execute = request.execute;
    record.stage2 = stage2;
    record.class = event === EventNumber.walkAbort ? EventClass.tableDescriptor : EventClass.input;
    record.fetchAddress = fetchAddress;
    fillEventRecord(this.#words, record);
    this.#events.record(this.#words);
  }
}

function permits(flags: number, request: DmaRequest): boolean {
  if (!request.privileged && (flags & TLB_USER) === 0) return false;
  if (request.execute) {
    return (flags & (request.privileged ? TLB_EXECUTE_PRIVILEGED : TLB_EXECUTE_USER)) !== 0;
  }
  return (flags & (request.write ? TLB_WRITE : TLB_READ)) !== 0;
}
