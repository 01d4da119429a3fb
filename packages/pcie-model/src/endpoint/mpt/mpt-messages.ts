/** Functions of messages (mpi2.h, message functions). */
export const MptFunction = {
  scsiIo: 0x00,
  iocInit: 0x02,
  iocFacts: 0x03,
  portEnable: 0x06,
  eventNotification: 0x07,
} as const;

/** IOCStatus values of replies (mpi2.h). */
export const MptStatus = {
  success: 0x00,
  invalidFunction: 0x01,
  invalidSgl: 0x03,
  internalError: 0x04,
  invalidField: 0x07,
  invalidState: 0x08,
  invalidDevHandle: 0x42,
  dataOverrun: 0x44,
} as const;

/** Kinds of request descriptors, bits 4:1 of their flags where they stand (mpi2.h, RequestFlags). */
export const MptRequestType = { scsiIo: 0x00, default: 0x08, fastPathScsiIo: 0x0c } as const;

/** Kinds of reply descriptors (mpi2.h, ReplyFlags). Both dwords of an unused one are all ones. */
export const MptReplyType = { scsiIoSuccess: 0x00, address: 0x01, fastPathScsiIoSuccess: 0x06 } as const;

/** Versions of the interface: the first has scatter/gather lists of MPI elements, the second of IEEE elements alone. */
export const MptVersion = { mpi20: 0x0200, mpi25: 0x0205 } as const;

/** Byte offsets in a SCSI IO Request (mpi2_init.h). */
export const ScsiIoRequest = {
  /** DevHandle, and the function in the top byte, as in every message. */
  header: 0x00,
  /** SGLFlags of MPI 2.0; DMAFlags of 2.5 say nothing of the list's form. */
  sglFlags: 0x10,
  /** Dwords from the message's begin to the list, in the lowest byte. */
  sglOffset0: 0x14,
  dataLength: 0x1c,
  /** Bytes of the CDB in the lowest bits. */
  ioFlags: 0x24,
  /** Direction of the data in bits 25:24: 1 writes the disk, 2 reads it. */
  control: 0x3c,
  cdb: 0x40,
  /** Where the list stands in what drivers send. */
  list: 0x60,
} as const;

/** Byte offsets in an IOCInit request (mpi2_ioc.h); addresses are 64 bits wide. */
export const IocInitRequest = {
  /** MsgVersion in the lower half. */
  version: 0x0c,
  /** SystemRequestFrameSize, dwords, in the upper half. */
  frameSize: 0x18,
  /** Entries of the reply descriptor post queue below, of the reply free queue above. */
  depths: 0x1c,
  systemReplyAddressHigh: 0x24,
  requestFrames: 0x28,
  replyPostQueue: 0x30,
  replyFreeQueue: 0x38,
  size: 0x48,
} as const;

/** Byte offsets in an IOCFacts reply (mpi2_ioc.h). */
export const IocFactsReply = {
  whoInit: 0x14,
  ports: 0x16,
  requestCredit: 0x18,
  capabilities: 0x1c,
  /** In dwords, as is the reply frame's. */
  requestFrameSize: 0x24,
  protocolFlags: 0x30,
  replyPostDepth: 0x34,
  replyFrameSize: 0x36,
  maxDevHandle: 0x38,
  /** Of the first device behind the controller. */
  minDevHandle: 0x3c,
  size: 0x44,
} as const;

/** IOCCapabilities: events are told again after a message unit reset; without it drivers use the diagnostic reset. */
export const EVENT_REPLAY = 0x2000;

/** WhoInit: a driver of the host, as the doorbell shows it too. */
export const HOST_DRIVER = 4;

/** Bytes of a request frame, and of a reply frame. */
export const MPT_FRAME_BYTES = 128;

/** Bytes of a reply descriptor. */
export const MPT_REPLY_DESCRIPTOR_BYTES = 8;

/** Bytes of an entry of the reply free queue: the lower half of a reply frame's address. */
export const MPT_REPLY_FREE_BYTES = 4;

/** Depth of a reply descriptor post queue: at least this, and a multiple of it (mpi2_ioc.h). */
export const MPT_REPLY_POST_UNIT = 16;

/** Requests that the controller takes at a time, as IOCFacts says (RequestCredit). */
export const MPT_REQUEST_CREDIT = 256;
