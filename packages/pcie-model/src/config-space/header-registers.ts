import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, rw, rw1c } from './field-shorthand.ts';

const specification = 'PCI Express Base Specification 6.0';

type StatusBits =
  | 'MASTER_DATA_PARITY_ERROR'
  | 'SIGNALED_TARGET_ABORT'
  | 'RECEIVED_TARGET_ABORT'
  | 'RECEIVED_MASTER_ABORT'
  | 'SIGNALED_SYSTEM_ERROR'
  | 'DETECTED_PARITY_ERROR';

const statusBits = [
  rw1c('MASTER_DATA_PARITY_ERROR', 8),
  rw1c('SIGNALED_TARGET_ABORT', 11),
  rw1c('RECEIVED_TARGET_ABORT', 12),
  rw1c('RECEIVED_MASTER_ABORT', 13),
  rw1c('SIGNALED_SYSTEM_ERROR', 14),
  rw1c('DETECTED_PARITY_ERROR', 15),
] as const;

/** What the headers of type 0 and type 1 have in common (PCIe 7.5.1.1). */
export const commonHeader: RegisterLayout<
  | 'VENDOR_ID.ID'
  | 'DEVICE_ID.ID'
  | In<
      'COMMAND',
      | 'IO_SPACE'
      | 'MEMORY_SPACE'
      | 'BUS_MASTER'
      | 'PARITY_ERROR_RESPONSE'
      | 'SERR_ENABLE'
      | 'INTERRUPT_DISABLE'
    >
  | In<'STATUS', 'INTERRUPT_STATUS' | 'CAPABILITIES_LIST' | StatusBits>
  | 'REVISION.ID'
  | 'PROGRAMMING_INTERFACE.CODE'
  | 'SUB_CLASS.CODE'
  | 'BASE_CLASS.CODE'
  | 'CACHE_LINE_SIZE.DWORDS'
  | In<'HEADER_TYPE', 'LAYOUT' | 'MULTI_FUNCTION'>
  | 'CAPABILITIES_POINTER.OFFSET'
  | 'INTERRUPT_LINE.LINE'
  | 'INTERRUPT_PIN.PIN'
> = registerLayout({
  name: 'common header',
  specification,
  size: 64,
  registers: [
    { name: 'VENDOR_ID', offset: 0x00, width: 16, section: '7.5.1.1.1', fields: [ro('ID', 15, 0)] },
    { name: 'DEVICE_ID', offset: 0x02, width: 16, section: '7.5.1.1.2', fields: [ro('ID', 15, 0)] },
    {
      name: 'COMMAND',
      offset: 0x04,
      width: 16,
      section: '7.5.1.1.3',
      fields: [
        rw('IO_SPACE', 0, 0, 'I/O BARs decode; a bridge forwards I/O downstream'),
        rw('MEMORY_SPACE', 1, 1, 'memory BARs decode; a bridge forwards memory requests downstream'),
        rw(
          'BUS_MASTER',
          2,
          2,
          'the function issues memory requests and MSIs; a bridge forwards them upstream',
        ),
        rw('PARITY_ERROR_RESPONSE', 6, 6, 'poisoned data sets Master Data Parity Error'),
        rw('SERR_ENABLE', 8, 8, 'uncorrectable errors are reported'),
        rw('INTERRUPT_DISABLE', 10, 10, 'INTx is not asserted'),
      ],
    },
    {
      name: 'STATUS',
      offset: 0x06,
      width: 16,
      section: '7.5.1.1.4',
      fields: [ro('INTERRUPT_STATUS', 3), ro('CAPABILITIES_LIST', 4), ...statusBits],
    },
    { name: 'REVISION', offset: 0x08, width: 8, section: '7.5.1.1.5', fields: [ro('ID', 7, 0)] },
    {
      name: 'PROGRAMMING_INTERFACE',
      offset: 0x09,
      width: 8,
      section: '7.5.1.1.6',
      fields: [ro('CODE', 7, 0)],
    },
    { name: 'SUB_CLASS', offset: 0x0a, width: 8, section: '7.5.1.1.6', fields: [ro('CODE', 7, 0)] },
    { name: 'BASE_CLASS', offset: 0x0b, width: 8, section: '7.5.1.1.6', fields: [ro('CODE', 7, 0)] },
    {
      name: 'CACHE_LINE_SIZE',
      offset: 0x0c,
      width: 8,
      section: '7.5.1.1.7',
      fields: [rw('DWORDS', 7, 0, 'storage by specification: no effect on a PCI Express function')],
    },
    {
      name: 'HEADER_TYPE',
      offset: 0x0e,
      width: 8,
      section: '7.5.1.1.9',
      fields: [ro('LAYOUT', 6, 0), ro('MULTI_FUNCTION', 7)],
    },
    {
      name: 'CAPABILITIES_POINTER',
      offset: 0x34,
      width: 8,
      section: '7.5.1.1.11',
      fields: [ro('OFFSET', 7, 0)],
    },
    {
      name: 'INTERRUPT_LINE',
      offset: 0x3c,
      width: 8,
      section: '7.5.1.1.12',
      fields: [rw('LINE', 7, 0, 'storage by specification: firmware leaves a routing here')],
    },
    { name: 'INTERRUPT_PIN', offset: 0x3d, width: 8, section: '7.5.1.1.13', fields: [ro('PIN', 7, 0)] },
  ],
});

/** What only conventional PCI has in Command and Latency Timer; hardwired to 0 on PCI Express. */
export const conventionalHeader: RegisterLayout = registerLayout({
  name: 'conventional header',
  specification: 'PCI Local Bus Specification 3.0',
  size: 16,
  registers: [
    {
      name: 'COMMAND',
      offset: 0x04,
      width: 16,
      section: '6.2.2',
      fields: [
        rw('SPECIAL_CYCLES', 3, 3, 'storage: special cycles are not modelled'),
        rw('MEMORY_WRITE_INVALIDATE', 4, 4, 'storage: changes bus commands, not data'),
        rw('PALETTE_SNOOP', 5, 5, 'storage: palette snooping is not modelled'),
        rw('FAST_BACK_TO_BACK', 9, 9, 'storage: bus timing only'),
      ],
    },
    {
      name: 'LATENCY_TIMER',
      offset: 0x0d,
      width: 8,
      section: '6.2.4',
      fields: [rw('CLOCKS', 7, 0, 'storage: bus timing only')],
    },
  ],
});

/** Header of a bridge (PCIe 7.5.1.3), windows apart. */
export const type1Header: RegisterLayout<
  | 'PRIMARY_BUS.NUMBER'
  | 'SECONDARY_BUS.NUMBER'
  | 'SUBORDINATE_BUS.NUMBER'
  | In<'SECONDARY_STATUS', Exclude<StatusBits, 'SIGNALED_SYSTEM_ERROR'> | 'RECEIVED_SYSTEM_ERROR'>
  | In<
      'BRIDGE_CONTROL',
      | 'PARITY_ERROR_RESPONSE'
      | 'SERR_ENABLE'
      | 'ISA_ENABLE'
      | 'VGA_ENABLE'
      | 'VGA_16_BIT_DECODE'
      | 'SECONDARY_BUS_RESET'
    >
> = registerLayout({
  name: 'type 1 header',
  specification,
  size: 64,
  registers: [
    {
      name: 'PRIMARY_BUS',
      offset: 0x18,
      width: 8,
      section: '7.5.1.3.1',
      fields: [rw('NUMBER', 7, 0, 'storage by specification: for legacy software')],
    },
    {
      name: 'SECONDARY_BUS',
      offset: 0x19,
      width: 8,
      section: '7.5.1.3.2',
      fields: [rw('NUMBER', 7, 0, 'type 1 requests for this bus become type 0 below')],
    },
    {
      name: 'SUBORDINATE_BUS',
      offset: 0x1a,
      width: 8,
      section: '7.5.1.3.3',
      fields: [rw('NUMBER', 7, 0, 'type 1 requests up to this bus are forwarded')],
    },
    {
      name: 'SECONDARY_STATUS',
      offset: 0x1e,
      width: 16,
      section: '7.5.1.3.7',
      fields: [
        rw1c('MASTER_DATA_PARITY_ERROR', 8),
        rw1c('SIGNALED_TARGET_ABORT', 11),
        rw1c('RECEIVED_TARGET_ABORT', 12),
        rw1c('RECEIVED_MASTER_ABORT', 13),
        rw1c('RECEIVED_SYSTEM_ERROR', 14),
        rw1c('DETECTED_PARITY_ERROR', 15),
      ],
    },
    {
      name: 'BRIDGE_CONTROL',
      offset: 0x3e,
      width: 16,
      section: '7.5.1.3.13',
      fields: [
        rw('PARITY_ERROR_RESPONSE', 0, 0, 'poisoned data sets Master Data Parity Error of Secondary Status'),
        rw('SERR_ENABLE', 1, 1, 'error messages from below are forwarded'),
        rw('ISA_ENABLE', 2, 2, 'the I/O window leaves out the last 768 bytes of each KiB below 64 KiB'),
        rw('VGA_ENABLE', 3, 3, 'the legacy VGA ranges are forwarded'),
        rw('VGA_16_BIT_DECODE', 4, 4, 'VGA I/O ports are decoded in 16 bits instead of 10'),
        rw('SECONDARY_BUS_RESET', 6, 6, 'hot reset of everything below'),
      ],
    },
  ],
});

/** Bridge Control bits that only a conventional or PCIe-to-PCI bridge has (PCI-to-PCI Bridge Architecture 1.2). */
export const conventionalBridgeControl: RegisterLayout = registerLayout({
  name: 'conventional bridge control',
  specification: 'PCI-to-PCI Bridge Architecture Specification 1.2',
  size: 64,
  registers: [
    {
      name: 'SECONDARY_LATENCY_TIMER',
      offset: 0x1b,
      width: 8,
      section: '3.2.5.5',
      fields: [rw('CLOCKS', 7, 0, 'storage: bus timing only')],
    },
    {
      name: 'BRIDGE_CONTROL',
      offset: 0x3e,
      width: 16,
      section: '3.2.5.18',
      fields: [
        rw('MASTER_ABORT_MODE', 5, 5, 'storage: master aborts below are reported as Unsupported Request'),
        rw('FAST_BACK_TO_BACK', 7, 7, 'storage: bus timing only'),
        rw('PRIMARY_DISCARD_TIMER', 8, 8, 'storage: bus timing only'),
        rw('SECONDARY_DISCARD_TIMER', 9, 9, 'storage: bus timing only'),
        rw1c('DISCARD_TIMER_STATUS', 10),
        rw('DISCARD_TIMER_SERR', 11, 11, 'storage: discard timers never expire here'),
      ],
    },
  ],
});

/** Subsystem IDs of a type 0 header (PCIe 7.5.1.2.3). */
export const type0Header: RegisterLayout<'SUBSYSTEM_VENDOR_ID.ID' | 'SUBSYSTEM_ID.ID'> = registerLayout({
  name: 'type 0 header',
  specification,
  size: 64,
  registers: [
    { name: 'SUBSYSTEM_VENDOR_ID', offset: 0x2c, width: 16, section: '7.5.1.2.3', fields: [ro('ID', 15, 0)] },
    { name: 'SUBSYSTEM_ID', offset: 0x2e, width: 16, section: '7.5.1.2.3', fields: [ro('ID', 15, 0)] },
  ],
});
