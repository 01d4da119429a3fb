import {
  EVENT_REPLAY,
  HOST_DRIVER,
  IocFactsReply,
  MPT_FRAME_BYTES,
  MPT_REQUEST_CREDIT,
  MptFunction,
  MptStatus,
  MptVersion,
} from './mpt-messages.ts';

const SCSI_INITIATOR = 2;
/** Handles below are the controller's own. */
const FIRST_DEVICE = 9;
const LAST_DEVICE = 1023;
const DEFAULT_REPLY_BYTES = 0x14;
const IOC_STATUS = 0x0e;

/** The reply of most functions: a header, and the IOCStatus. 16-bit words. */
export function defaultReply(fn: number, status: number): number[] {
  return replyWords(fn, status, DEFAULT_REPLY_BYTES);
}

/** What the controller says of itself. 16-bit words. */
export function factsReply(isInitialised: boolean): number[] {
  const words = replyWords(MptFunction.iocFacts, MptStatus.success, IocFactsReply.size);
  const put = (offset: number, value: number): void => {
    words[offset / 2] = value;
  };
  // The older interface: a newer one takes its frames, too.
  put(0, MptVersion.mpi20);
  put(IocFactsReply.whoInit, isInitialised ? HOST_DRIVER << 8 : 0);
  put(IocFactsReply.ports, 1 | (1 << 8));
  put(IocFactsReply.requestCredit, MPT_REQUEST_CREDIT - 1);
  put(IocFactsReply.capabilities, EVENT_REPLAY);
  put(IocFactsReply.requestFrameSize, MPT_FRAME_BYTES / 4);
  put(IocFactsReply.protocolFlags, SCSI_INITIATOR);
  put(IocFactsReply.replyPostDepth, 0xffff);
  put(IocFactsReply.replyFrameSize, MPT_FRAME_BYTES / 4);
  put(IocFactsReply.maxDevHandle, LAST_DEVICE);
  put(IocFactsReply.minDevHandle, FIRST_DEVICE);
  return words;
}

function replyWords(fn: number, status: number, bytes: number): number[] {
  const words = new Array<number>(bytes / 2).fill(0);
  words[1] = (bytes / 4) | (fn << 8);
  words[IOC_STATUS / 2] = status;
  return words;
}
