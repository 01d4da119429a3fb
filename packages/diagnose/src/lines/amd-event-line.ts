import type { LoggedRequester } from '../diagnosis.ts';
import { parseRequester } from './requester.ts';

/** What an AMD IOMMU's event log entry says, as Linux prints it. */
export interface AmdEventLine {
  /** `IO_PAGE_FAULT` and the others of the AMD IOMMU specification 2.5. */
  readonly event: string;
  readonly requester?: LoggedRequester;
  /** Hexadecimal without 0x. */
  readonly address?: string;
  readonly pasid?: number;
  readonly operation?: 'read' | 'write';
  readonly kind: 'dma' | 'interrupt';
  /** True for a request that was refused; false for trouble of the unit itself. */
  readonly refusal: boolean;
  readonly text: string;
  readonly impossible?: string;
}

/** AMD IOMMU specification 48882, 2.5.2 to 2.5.12, in our words. */
const EVENTS: Readonly<Record<string, { readonly refusal: boolean; readonly text: string }>> = {
  ILLEGAL_DEV_TABLE_ENTRY: {
    refusal: true,
    text: 'the device table entry has reserved bits or a wrong mode',
  },
  IO_PAGE_FAULT: { refusal: true, text: 'the tables do not allow the access' },
  DEV_TAB_HARDWARE_ERROR: { refusal: true, text: 'the device table could not be read' },
  PAGE_TAB_HARDWARE_ERROR: { refusal: true, text: 'a page table could not be read' },
  INVALID_DEVICE_REQUEST: { refusal: true, text: 'the device sent a request that it must not send' },
  INVALID_PPR_REQUEST: { refusal: true, text: 'the device sent a page request that is not valid' },
  RMP_PAGE_FAULT: { refusal: true, text: 'the page belongs to somebody else by the reverse map table' },
  RMP_HW_ERROR: { refusal: true, text: 'the reverse map table could not be read' },
  ILLEGAL_COMMAND_ERROR: { refusal: false, text: 'the unit read a command that it does not know' },
  COMMAND_HARDWARE_ERROR: { refusal: false, text: 'the unit could not read its commands' },
  IOTLB_INV_TIMEOUT: {
    refusal: false,
    text: 'the device did not answer the invalidation of its cache in time',
  },
};

const EVENT = /\[?\b([A-Z]{2,8}(?:_[A-Z]{2,10}){1,4})\b/;
const FIELD = /\b(device|pasid|PASID|address|vaddr|flags)=((?:0x)?[0-9a-fA-F:.]{1,24})/g;
const DRIVER = /^\S{1,40} ([0-9a-f]{4,5}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]): /i;
/** A driver and its device, or the unit, may speak first. */
const BEFORE = /^(?:[\w-]{1,40} [\w:.-]{1,40}: )?AMD-Vi: $/;
const WRITE = 0x20;
const INTERRUPT = 0x8;

/** Xen: requester, domain, address and flags behind the event's name. */
const OF_XEN =
  /^AMD-Vi: (IO_PAGE_FAULT): ([0-9a-f:.]{7,13}) d\S{1,12} addr ([0-9a-f]{1,16}) flags 0x([0-9a-f]{1,4})/i;

/** Reads `AMD-Vi: Event logged [IO_PAGE_FAULT device=… ]`, with or without a driver's name before it. */
export function parseAmdEvent(message: string): AmdEventLine | undefined {
  const xen = OF_XEN.exec(message);
  if (xen !== null)
    return parseAmdEvent(
      `AMD-Vi: Event logged [${xen[1]} device=${xen[2]} address=${xen[3]} flags=${xen[4]}]`,
    );
  const at = message.indexOf('Event logged [');
  const start = at >= 0 ? at + 13 : message.startsWith('[') || /^[A-Z]{2,8}_/.test(message) ? 0 : -1;
  if (start < 0 || (at > 0 && !BEFORE.test(message.slice(0, at)))) return;
  const rest = message.slice(start, start + 400);
  const event = EVENT.exec(rest)?.[1];
  const known = event === undefined ? undefined : EVENTS[event];
  if (event === undefined || known === undefined) return;
  const fields = new Map(
    [...rest.matchAll(FIELD)].map((found) => [(found[1] as string).toLowerCase(), found[2] as string]),
  );
  const flags = Number.parseInt(fields.get('flags') ?? '', 16);
  const device = fields.get('device') ?? DRIVER.exec(message)?.[1];
  const requester = device === undefined ? undefined : parseRequester(device);
  const address = (fields.get('address') ?? fields.get('vaddr'))?.replace(/^0x/i, '').toLowerCase();
  return {
    event,
    kind: known.refusal && !Number.isNaN(flags) && (flags & INTERRUPT) !== 0 ? 'interrupt' : 'dma',
    refusal: known.refusal,
    text: `${event}: ${known.text}`,
    ...(typeof requester === 'object' ? { requester } : {}),
    ...(typeof requester === 'string' ? { impossible: requester } : {}),
    ...(address === undefined || !/^[0-9a-f]+$/.test(address)
      ? {}
      : { address: address.replace(/^0+(?=.)/, '') }),
    ...pasidOf(fields.get('pasid')),
    ...(Number.isNaN(flags)
      ? {}
      : { operation: (flags & WRITE) === 0 ? ('read' as const) : ('write' as const) }),
  };
}

function pasidOf(printed: string | undefined): { readonly pasid?: number } {
  const pasid = Number.parseInt(printed ?? '', 16);
  return Number.isNaN(pasid) || pasid === 0 ? {} : { pasid };
}
