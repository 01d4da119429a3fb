import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

const specification = 'Fusion-MPT MPI 2.5 (mpi2.h 02.00.54), system interface registers';

/** What the doorbell's field STATE says of the controller's firmware. */
export const MptState = { reset: 0, ready: 1, operational: 2, fault: 4 } as const;

/** Functions that are written to the doorbell. */
export const MptDoorbellFunction = { messageUnitReset: 0x40, handshake: 0x42 } as const;

/** Keys that make HostDiagnostic writable, in this order; the first one flushes what was written before. */
export const mptDiagnosticKeys: readonly number[] = [0x0, 0xf, 0x4, 0xb, 0x2, 0x7, 0xd];

/** System interface registers of a message-passing controller. */
export const mptRegisters: RegisterLayout<
  | 'Doorbell.STATE'
  | 'Doorbell.USED'
  | 'Doorbell.WHO_INIT'
  | 'Doorbell.DATA'
  | 'WriteSequence.KEY'
  | 'HostDiagnostic.DIAG_WRITE_ENABLE'
  | 'HostDiagnostic.RESET_HISTORY'
  | 'HostDiagnostic.RESET_ADAPTER'
  | 'HostInterruptStatus.SYS2IOC'
  | 'HostInterruptStatus.REPLY'
  | 'HostInterruptStatus.IOC2SYS'
  | 'HostInterruptMask.REPLY'
  | 'HostInterruptMask.IOC2SYS'
  | 'ReplyFreeHostIndex.INDEX'
  | 'ReplyPostHostIndex.INDEX'
  | 'RequestDescriptorPostLow.WORD'
  | 'RequestDescriptorPostHigh.WORD'
> = registerLayout({
  name: 'MPI system interface',
  specification,
  size: 0x100,
  registers: [
    {
      name: 'Doorbell',
      offset: 0x00,
      width: 32,
      section: 'Doorbell',
      description: 'a function or a dword of a handshake where it is written',
      fields: [
        { name: 'STATE', high: 31, low: 28, access: 'RO' },
        { name: 'USED', high: 27, low: 27, access: 'RO', description: 'a handshake is under way' },
        { name: 'WHO_INIT', high: 26, low: 24, access: 'RO', description: 'who sent IOCInit' },
        { name: 'DATA', high: 15, low: 0, access: 'RO', description: 'reply of a handshake, or fault code' },
      ],
    },
    {
      name: 'WriteSequence',
      offset: 0x04,
      width: 32,
      section: 'WriteSequence',
      fields: [{ name: 'KEY', high: 3, low: 0, access: 'WO' }],
    },
    {
      name: 'HostDiagnostic',
      offset: 0x08,
      width: 32,
      section: 'HostDiagnostic',
      fields: [
        { name: 'RESET_ADAPTER', high: 2, low: 2, access: 'RW1S', description: 'diagnostic reset' },
        { name: 'RESET_HISTORY', high: 5, low: 5, access: 'RO' },
        { name: 'DIAG_WRITE_ENABLE', high: 7, low: 7, access: 'RO' },
      ],
    },
    {
      name: 'HostInterruptStatus',
      offset: 0x30,
      width: 32,
      section: 'HostInterruptStatus',
      description: 'any write clears IOC2SYS',
      fields: [
        { name: 'IOC2SYS', high: 0, low: 0, access: 'RO', description: 'the controller wrote the doorbell' },
        { name: 'REPLY', high: 3, low: 3, access: 'RO', description: 'reply descriptors wait' },
        { name: 'SYS2IOC', high: 31, low: 31, access: 'RO', description: 'a doorbell write waits' },
      ],
    },
    {
      name: 'HostInterruptMask',
      offset: 0x34,
      width: 32,
      section: 'HostInterruptMask',
      fields: [
        { name: 'IOC2SYS', high: 0, low: 0, access: 'RW', reset: 1 },
        { name: 'REPLY', high: 3, low: 3, access: 'RW', reset: 1 },
      ],
    },
    {
      name: 'ReplyFreeHostIndex',
      offset: 0x48,
      width: 32,
      section: 'ReplyFreeHostIndex',
      fields: [{ name: 'INDEX', high: 15, low: 0, access: 'WO' }],
    },
    {
      name: 'ReplyPostHostIndex',
      offset: 0x6c,
      width: 32,
      section: 'ReplyPostHostIndex',
      description: 'of the one reply queue there is: the MSI-X index above it is 0',
      fields: [{ name: 'INDEX', high: 23, low: 0, access: 'WO' }],
    },
    {
      name: 'RequestDescriptorPostLow',
      offset: 0xc0,
      width: 32,
      section: 'RequestDescriptorPostLow',
      fields: [{ name: 'WORD', high: 31, low: 0, access: 'WO' }],
    },
    {
      name: 'RequestDescriptorPostHigh',
      offset: 0xc4,
      width: 32,
      section: 'RequestDescriptorPostHigh',
      description: 'a write posts both words',
      fields: [{ name: 'WORD', high: 31, low: 0, access: 'WO' }],
    },
  ],
});
