/** Event numbers (SMMUv3 7.3) that this model records. */
export const EventNumber = {
  badStreamId: 0x02,
  streamEntryFetch: 0x03,
  badStreamEntry: 0x04,
  badTranslationRequest: 0x05,
  streamDisabled: 0x06,
  translatedForbidden: 0x07,
  badSubstreamId: 0x08,
  contextFetch: 0x09,
  badContext: 0x0a,
  walkAbort: 0x0b,
  translation: 0x10,
  addressSize: 0x11,
  accessFlag: 0x12,
  permission: 0x13,
} as const;

/** An event as the architecture names it. */
export interface EventName {
  readonly number: number;
  /** `F_TRANSLATION` */
  readonly name: string;
  /** What it means, for people. */
  readonly text: string;
}

const events: readonly EventName[] = [
  { number: 0x02, name: 'C_BAD_STREAMID', text: 'the stream table has no entry for this StreamID' },
  { number: 0x03, name: 'F_STE_FETCH', text: 'the stream table entry could not be read' },
  { number: 0x04, name: 'C_BAD_STE', text: 'the stream table entry is invalid' },
  { number: 0x05, name: 'F_BAD_ATS_TREQ', text: 'this stream may not ask for translations' },
  { number: 0x06, name: 'F_STREAM_DISABLED', text: 'a request without substream where one is needed' },
  { number: 0x07, name: 'F_TRANSL_FORBIDDEN', text: 'this stream may not send translated addresses' },
  { number: 0x08, name: 'C_BAD_SUBSTREAMID', text: 'there is no context descriptor for this substream' },
  { number: 0x09, name: 'F_CD_FETCH', text: 'the context descriptor could not be read' },
  { number: 0x0a, name: 'C_BAD_CD', text: 'the context descriptor is invalid' },
  { number: 0x0b, name: 'F_WALK_EABT', text: 'a page table could not be read' },
  { number: 0x10, name: 'F_TRANSLATION', text: 'the address is not mapped' },
  { number: 0x11, name: 'F_ADDR_SIZE', text: 'an address in the tables is too large' },
  { number: 0x12, name: 'F_ACCESS', text: 'the access flag is clear' },
  { number: 0x13, name: 'F_PERMISSION', text: 'the mapping does not allow this access' },
];

/** The event of this number; undefined for one that this model never records. */
export function eventName(number: number): EventName | undefined {
  return events.find((event) => event.number === number);
}
