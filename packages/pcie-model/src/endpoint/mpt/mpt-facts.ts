import {
  HOST_DRIVER,
  MPT_FRAME_BYTES,
  MPT_REQUEST_CREDIT,
  MptFunction,
  MptStatus,
  MptVersion,
} from './mpt-messages.ts';

/** Byte offsets in an IOCFacts reply (mpi2_ioc.h). */
const Facts = {
  whoInit: 0x14,
  ports: 0x16,
  requestCredit: 0x18,
  requestFrameSize: 0x24,
  protocolFlags: 0x30,
  replyPostDepth: 0x34,
  replyFrameSize: 0x36,
  maxDevHandle: 0x38,
  minDevHandle: 0x3c,
  size: 0x44,
} as const;
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
  const words = replyWords(MptFunction.iocFacts, MptStatus.success, Facts.size);
  const put = (offset: number, value: number): void => {
    words[offset / 2] = value;
  };
  // The older interface: a newer one takes its frames, too.
  put(0, MptVersion.mpi20);
  put(Facts.whoInit, isInitialised ? HOST_DRIVER << 8 : 0);
  put(Facts.ports, 1 | (1 << 8));
  put(Facts.requestCredit, MPT_REQUEST_CREDIT - 1);
  put(Facts.requestFrameSize, MPT_FRAME_BYTES / 4);
  put(Facts.protocolFlags, SCSI_INITIATOR);
  put(Facts.replyPostDepth, 0xffff);
  put(Facts.replyFrameSize, MPT_FRAME_BYTES / 4);
  put(Facts.maxDevHandle, LAST_DEVICE);
  put(Facts.minDevHandle, FIRST_DEVICE);
  return words;
}

function replyWords(fn: number, status: number, bytes: number): number[] {
  const words = new Array<number>(bytes / 2).fill(0);
  words[1] = (bytes / 4) | (fn << 8);
  words[IOC_STATUS / 2] = status;
  return words;
}
