import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, rw, rw1c, trigger } from './field-shorthand.ts';

const specification = 'PCI Express Base Specification 6.0';

/** PCI Express capability: what every function has (PCIe 7.5.3.1 to 7.5.3.5). */
export const expressDevice: RegisterLayout<
  | In<'CAPABILITIES', 'VERSION' | 'PORT_TYPE' | 'SLOT_IMPLEMENTED' | 'INTERRUPT_MESSAGE'>
  | In<'DEVICE_CAPABILITIES', 'MAX_PAYLOAD' | 'EXTENDED_TAG' | 'ROLE_BASED_ERRORS' | 'FUNCTION_LEVEL_RESET'>
  | In<
      'DEVICE_CONTROL',
      | 'CORRECTABLE_REPORTING'
      | 'NONFATAL_REPORTING'
      | 'FATAL_REPORTING'
      | 'UNSUPPORTED_REQUEST_REPORTING'
      | 'RELAXED_ORDERING'
      | 'MAX_PAYLOAD'
      | 'EXTENDED_TAG'
      | 'NO_SNOOP'
      | 'MAX_READ_REQUEST'
    >
  | In<
      'DEVICE_STATUS',
      'CORRECTABLE_ERROR' | 'NONFATAL_ERROR' | 'FATAL_ERROR' | 'UNSUPPORTED_REQUEST' | 'TRANSACTIONS_PENDING'
    >
> = registerLayout({
  name: 'PCI Express, device',
  specification,
  size: 12,
  registers: [
    {
      name: 'CAPABILITIES',
      offset: 0x02,
      width: 16,
      section: '7.5.3.2',
      fields: [
        ro('VERSION', 3, 0),
        ro('PORT_TYPE', 7, 4),
        ro('SLOT_IMPLEMENTED', 8),
        ro('INTERRUPT_MESSAGE', 13, 9),
      ],
    },
    {
      name: 'DEVICE_CAPABILITIES',
      offset: 0x04,
      width: 32,
      section: '7.5.3.3',
      fields: [
        ro('MAX_PAYLOAD', 2, 0),
        ro('EXTENDED_TAG', 5),
        ro('ROLE_BASED_ERRORS', 15),
        ro('FUNCTION_LEVEL_RESET', 28),
      ],
    },
    {
      name: 'DEVICE_CONTROL',
      offset: 0x08,
      width: 16,
      section: '7.5.3.4',
      fields: [
        rw('CORRECTABLE_REPORTING', 0, 0, 'ERR_COR is sent'),
        rw('NONFATAL_REPORTING', 1, 1, 'ERR_NONFATAL is sent'),
        rw('FATAL_REPORTING', 2, 2, 'ERR_FATAL is sent'),
        rw('UNSUPPORTED_REQUEST_REPORTING', 3, 3, 'Unsupported Request is reported'),
        rw('RELAXED_ORDERING', 4, 4, 'storage: ordering attributes are not modelled', { reset: 1 }),
        rw('MAX_PAYLOAD', 7, 5, 'storage: bursts are data of the endpoint'),
        rw('EXTENDED_TAG', 8, 8, 'storage: tags are not modelled'),
        rw('PHANTOM_FUNCTIONS', 9, 9, 'storage: tags are not modelled'),
        rw('AUX_POWER', 10, 10, 'storage: auxiliary power is not modelled', { sticky: true }),
        rw('NO_SNOOP', 11, 11, 'storage: snooping is not modelled', { reset: 1 }),
        rw('MAX_READ_REQUEST', 14, 12, 'storage: bursts are data of the endpoint', { reset: 2 }),
      ],
    },
    {
      name: 'DEVICE_STATUS',
      offset: 0x0a,
      width: 16,
      section: '7.5.3.5',
      fields: [
        rw1c('CORRECTABLE_ERROR', 0),
        rw1c('NONFATAL_ERROR', 1),
        rw1c('FATAL_ERROR', 2),
        rw1c('UNSUPPORTED_REQUEST', 3),
        ro('AUX_POWER', 4),
        ro('TRANSACTIONS_PENDING', 5),
      ],
    },
  ],
});

/** Initiate Function Level Reset, where Device Capabilities promises it (PCIe 7.5.3.4, 6.6.2). */
export const functionLevelReset: RegisterLayout<'DEVICE_CONTROL.INITIATE'> = registerLayout({
  name: 'PCI Express, function level reset',
  specification,
  size: 10,
  registers: [
    {
      name: 'DEVICE_CONTROL',
      offset: 0x08,
      width: 16,
      section: '7.5.3.4',
      fields: [trigger('INITIATE', 15, 'resets this function')],
    },
  ],
});

/** Device Capabilities 2 and Device Control 2 (PCIe 7.5.3.15, 7.5.3.16). */
export const expressDevice2: RegisterLayout<
  In<'DEVICE_CAPABILITIES_2', 'ARI_FORWARDING'> | In<'DEVICE_CONTROL_2', 'COMPLETION_TIMEOUT' | 'LTR'>
> = registerLayout({
  name: 'PCI Express, device 2',
  specification,
  size: 42,
  registers: [
    {
      name: 'DEVICE_CAPABILITIES_2',
      offset: 0x24,
      width: 32,
      section: '7.5.3.15',
      fields: [ro('ARI_FORWARDING', 5)],
    },
    {
      name: 'DEVICE_CONTROL_2',
      offset: 0x28,
      width: 16,
      section: '7.5.3.16',
      fields: [
        rw('COMPLETION_TIMEOUT', 3, 0, 'storage: completions are answered at once or never'),
        rw('COMPLETION_TIMEOUT_DISABLE', 4, 4, 'storage: completions are answered at once or never'),
        rw('ATOMIC_REQUESTER', 6, 6, 'storage: atomic operations are not modelled'),
        rw('ATOMIC_EGRESS_BLOCKING', 7, 7, 'storage: atomic operations are not modelled'),
        rw('ID_ORDERING_REQUEST', 8, 8, 'storage: ordering attributes are not modelled'),
        rw('ID_ORDERING_COMPLETION', 9, 9, 'storage: ordering attributes are not modelled'),
        rw('LTR', 10, 10, 'storage: latency tolerance reporting is not modelled'),
        rw('TEN_BIT_TAG', 12, 12, 'storage: tags are not modelled'),
        rw('OBFF', 14, 13, 'storage: buffer flush messages are not modelled'),
      ],
    },
  ],
});

/** ARI Forwarding Enable of a port that can (PCIe 7.5.3.16, 6.13). */
export const ariForwarding: RegisterLayout<'DEVICE_CONTROL_2.ENABLE'> = registerLayout({
  name: 'PCI Express, ARI forwarding',
  specification,
  size: 42,
  registers: [
    {
      name: 'DEVICE_CONTROL_2',
      offset: 0x28,
      width: 16,
      section: '7.5.3.16',
      fields: [rw('ENABLE', 5, 5, 'device numbers other than 0 are passed on below')],
    },
  ],
});
