import { type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** Base addresses of tables and buffers: bits 51:12. */
const base = { name: 'BASE', high: 51, low: 12, access: 'RW' } as const;
/** Entries of a ring: 2^LEN, 8 (256) to 15. */
const ringLength = { name: 'LEN', high: 59, low: 56, access: 'RW', reset: 8 } as const;
/** Byte offset of an entry of 16 bytes in a ring. */
const pointer = { name: 'PTR', high: 18, low: 4, access: 'RW' } as const;

/** The registers of the IOMMU's MMIO window that the model has (48882 rev. 3.10, chapter 3.4). */
export const iommuRegisters: RegisterLayout<string> = registerLayout({
  name: 'AMD IOMMU registers',
  specification: 'AMD I/O Virtualization Technology (IOMMU) Specification, 48882',
  size: 0x4000,
  registers: [
    {
      name: 'DEVTAB',
      offset: 0x00,
      width: 64,
      section: '3.4.1',
      description: 'Device Table Base Address. Each half takes effect as it is written.',
      fields: [
        base,
        { name: 'SIZE', high: 8, low: 0, access: 'RW', description: 'pages of 4 KiB, less one' },
      ],
    },
    {
      name: 'CMDBUF',
      offset: 0x08,
      width: 64,
      section: '3.4.2',
      description: 'Command Buffer Base Address',
      fields: [base, ringLength],
    },
    {
      name: 'EVTLOG',
      offset: 0x10,
      width: 64,
      section: '3.4.3',
      description: 'Event Log Base Address',
      fields: [base, ringLength],
    },
    {
      name: 'CONTROL',
      offset: 0x18,
      width: 64,
      section: '3.4.4',
      fields: [
        { name: 'IOMMUEN', high: 0, low: 0, access: 'RW' },
        { name: 'EVENTLOGEN', high: 2, low: 2, access: 'RW' },
        { name: 'EVENTINTEN', high: 3, low: 3, access: 'RW' },
        { name: 'COMWAITINTEN', high: 4, low: 4, access: 'RW' },
        {
          name: 'INVTIMEOUT',
          high: 7,
          low: 5,
          access: 'RW',
          description: 'storage: a device that does not answer an invalidation times out at once',
        },
        {
          name: 'COHERENT',
          high: 10,
          low: 10,
          access: 'RW',
          description: 'storage: table reads are always coherent here',
        },
        { name: 'CMDBUFEN', high: 12, low: 12, access: 'RW' },
      ],
    },
    {
      name: 'STOREBASE',
      offset: 0x20,
      width: 64,
      section: '3.4.5',
      description: 'Completion Store Base: with SNP the only pages that COMPLETION_WAIT stores into',
      fields: [base],
    },
    {
      name: 'STORELIMIT',
      offset: 0x28,
      width: 64,
      section: '3.4.6',
      description: 'Completion Store Limit, inclusive',
      fields: [base],
    },
    {
      name: 'EFR',
      offset: 0x30,
      width: 64,
      section: '3.4.7',
      description: 'Extended Feature Register, as the machine says',
      fields: [
        { name: 'XT', high: 2, low: 2, access: 'RO' },
        { name: 'IASUP', high: 6, low: 6, access: 'RO', description: 'INVALIDATE_IOMMU_ALL' },
        { name: 'HATS', high: 11, low: 10, access: 'RO', description: 'host page tables: 4, 5 or 6 levels' },
        { name: 'SNPSUP', high: 43, low: 43, access: 'RO' },
      ],
    },
    {
      name: 'CMDHEAD',
      offset: 0x2000,
      width: 64,
      section: '3.4.17',
      fields: [pointer],
    },
    {
      name: 'CMDTAIL',
      offset: 0x2008,
      width: 64,
      section: '3.4.18',
      fields: [pointer],
    },
    {
      name: 'EVTHEAD',
      offset: 0x2010,
      width: 64,
      section: '3.4.19',
      fields: [pointer],
    },
    {
      name: 'EVTTAIL',
      offset: 0x2018,
      width: 64,
      section: '3.4.20',
      fields: [pointer],
    },
    {
      name: 'STATUS',
      offset: 0x2020,
      width: 64,
      section: '3.4.21',
      fields: [
        { name: 'EVENTOVERFLOW', high: 0, low: 0, access: 'RW1C' },
        { name: 'EVENTLOGINT', high: 1, low: 1, access: 'RW1C' },
        { name: 'COMWAITINT', high: 2, low: 2, access: 'RW1C' },
        { name: 'EVENTLOGRUN', high: 3, low: 3, access: 'RO' },
        { name: 'CMDBUFRUN', high: 4, low: 4, access: 'RO' },
      ],
    },
  ],
});

/** Bytes from the register base of each register that software names. */
export const amdRegister = {
  deviceTable: 0x00,
  commandBuffer: 0x08,
  eventLog: 0x10,
  control: 0x18,
  storeBase: 0x20,
  storeLimit: 0x28,
  features: 0x30,
  commandHead: 0x2000,
  commandTail: 0x2008,
  eventHead: 0x2010,
  eventTail: 0x2018,
  status: 0x2020,
  features2: 0x1a0,
} as const;

/** Bits of the control register's low half. */
export const AmdControl = {
  iommu: 0x1,
  eventLog: 0x4,
  eventInterrupt: 0x8,
  completionWaitInterrupt: 0x10,
  commandBuffer: 0x1000,
} as const;

/** Bits of the status register's low half. */
export const AmdStatus = {
  eventOverflow: 0x1,
  eventLogInterrupt: 0x2,
  completionWaitInterrupt: 0x4,
  eventLogRunning: 0x8,
  commandBufferRunning: 0x10,
} as const;

/**
 * True for the five registers that SNP locks: device table, command buffer and event log base, completion store base
 * and limit (48882, 2.12.2.1).
 */
export function isLockedBySnp(offset: number): boolean {
  return offset < 0x18 || (offset >= 0x20 && offset < 0x30);
}
