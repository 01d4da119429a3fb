import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, ros, rw, rw1c } from './field-shorthand.ts';

const specification = 'PCI Express Base Specification 6.0';
const sticky = { sticky: true } as const;
const masked = { sticky: true, reset: 1 } as const;

type Uncorrectable =
  | 'DATA_LINK_PROTOCOL'
  | 'SURPRISE_DOWN'
  | 'POISONED'
  | 'FLOW_CONTROL'
  | 'COMPLETION_TIMEOUT'
  | 'COMPLETER_ABORT'
  | 'UNEXPECTED_COMPLETION'
  | 'RECEIVER_OVERFLOW'
  | 'MALFORMED'
  | 'ECRC'
  | 'UNSUPPORTED_REQUEST'
  | 'ACS_VIOLATION'
  | 'INTERNAL'
  | 'MC_BLOCKED'
  | 'ATOMIC_BLOCKED'
  | 'PREFIX_BLOCKED'
  | 'POISONED_EGRESS_BLOCKED';

type Correctable =
  | 'RECEIVER'
  | 'BAD_TLP'
  | 'BAD_DLLP'
  | 'REPLAY_ROLLOVER'
  | 'REPLAY_TIMEOUT'
  | 'ADVISORY_NONFATAL'
  | 'CORRECTED_INTERNAL'
  | 'HEADER_LOG_OVERFLOW';

const mask = 'the error is neither reported nor logged in the header log';
const severity = 'the error is fatal instead of nonfatal';

/** Advanced Error Reporting capability without its root registers (PCIe 7.8.4). */
export const advancedErrorReporting: RegisterLayout<
  | In<'UNCORRECTABLE_STATUS' | 'UNCORRECTABLE_MASK' | 'UNCORRECTABLE_SEVERITY', Uncorrectable>
  | In<'CORRECTABLE_STATUS' | 'CORRECTABLE_MASK', Correctable>
  | In<'CONTROL', 'FIRST_ERROR_POINTER' | 'MULTIPLE_HEADER_ENABLE'>
  | 'HEADER_LOG_0.DWORD'
  | 'HEADER_LOG_1.DWORD'
  | 'HEADER_LOG_2.DWORD'
  | 'HEADER_LOG_3.DWORD'
> = registerLayout({
  name: 'advanced error reporting',
  specification,
  size: 0x2c,
  registers: [
    {
      name: 'UNCORRECTABLE_STATUS',
      offset: 0x04,
      width: 32,
      section: '7.8.4.2',
      fields: [
        rw1c('DATA_LINK_PROTOCOL', 4, sticky),
        rw1c('SURPRISE_DOWN', 5, sticky),
        rw1c('POISONED', 12, sticky),
        rw1c('FLOW_CONTROL', 13, sticky),
        rw1c('COMPLETION_TIMEOUT', 14, sticky),
        rw1c('COMPLETER_ABORT', 15, sticky),
        rw1c('UNEXPECTED_COMPLETION', 16, sticky),
        rw1c('RECEIVER_OVERFLOW', 17, sticky),
        rw1c('MALFORMED', 18, sticky),
        rw1c('ECRC', 19, sticky),
        rw1c('UNSUPPORTED_REQUEST', 20, sticky),
        rw1c('ACS_VIOLATION', 21, sticky),
        rw1c('INTERNAL', 22, sticky),
        rw1c('MC_BLOCKED', 23, sticky),
        rw1c('ATOMIC_BLOCKED', 24, sticky),
        rw1c('PREFIX_BLOCKED', 25, sticky),
        rw1c('POISONED_EGRESS_BLOCKED', 26, sticky),
      ],
    },
    {
      name: 'UNCORRECTABLE_MASK',
      offset: 0x08,
      width: 32,
      section: '7.8.4.3',
      fields: [
        rw('DATA_LINK_PROTOCOL', 4, 4, mask, sticky),
        rw('SURPRISE_DOWN', 5, 5, mask, sticky),
        rw('POISONED', 12, 12, mask, sticky),
        rw('FLOW_CONTROL', 13, 13, mask, sticky),
        rw('COMPLETION_TIMEOUT', 14, 14, mask, sticky),
        rw('COMPLETER_ABORT', 15, 15, mask, sticky),
        rw('UNEXPECTED_COMPLETION', 16, 16, mask, sticky),
        rw('RECEIVER_OVERFLOW', 17, 17, mask, sticky),
        rw('MALFORMED', 18, 18, mask, sticky),
        rw('ECRC', 19, 19, mask, sticky),
        rw('UNSUPPORTED_REQUEST', 20, 20, mask, sticky),
        rw('ACS_VIOLATION', 21, 21, mask, sticky),
        rw('INTERNAL', 22, 22, mask, masked),
        rw('MC_BLOCKED', 23, 23, mask, sticky),
        rw('ATOMIC_BLOCKED', 24, 24, mask, sticky),
        rw('PREFIX_BLOCKED', 25, 25, mask, sticky),
        rw('POISONED_EGRESS_BLOCKED', 26, 26, mask, masked),
      ],
    },
    {
      name: 'UNCORRECTABLE_SEVERITY',
      offset: 0x0c,
      width: 32,
      section: '7.8.4.4',
      fields: [
        rw('DATA_LINK_PROTOCOL', 4, 4, severity, masked),
        rw('SURPRISE_DOWN', 5, 5, severity, masked),
        rw('POISONED', 12, 12, severity, sticky),
        rw('FLOW_CONTROL', 13, 13, severity, masked),
        rw('COMPLETION_TIMEOUT', 14, 14, severity, sticky),
        rw('COMPLETER_ABORT', 15, 15, severity, sticky),
        rw('UNEXPECTED_COMPLETION', 16, 16, severity, sticky),
        rw('RECEIVER_OVERFLOW', 17, 17, severity, masked),
        rw('MALFORMED', 18, 18, severity, masked),
        rw('ECRC', 19, 19, severity, sticky),
        rw('UNSUPPORTED_REQUEST', 20, 20, severity, sticky),
        rw('ACS_VIOLATION', 21, 21, severity, sticky),
        rw('INTERNAL', 22, 22, severity, masked),
        rw('MC_BLOCKED', 23, 23, severity, sticky),
        rw('ATOMIC_BLOCKED', 24, 24, severity, sticky),
        rw('PREFIX_BLOCKED', 25, 25, severity, sticky),
        rw('POISONED_EGRESS_BLOCKED', 26, 26, severity, sticky),
      ],
    },
    {
      name: 'CORRECTABLE_STATUS',
      offset: 0x10,
      width: 32,
      section: '7.8.4.5',
      fields: [
        rw1c('RECEIVER', 0, sticky),
        rw1c('BAD_TLP', 6, sticky),
        rw1c('BAD_DLLP', 7, sticky),
        rw1c('REPLAY_ROLLOVER', 8, sticky),
        rw1c('REPLAY_TIMEOUT', 12, sticky),
        rw1c('ADVISORY_NONFATAL', 13, sticky),
        rw1c('CORRECTED_INTERNAL', 14, sticky),
        rw1c('HEADER_LOG_OVERFLOW', 15, sticky),
      ],
    },
    {
      name: 'CORRECTABLE_MASK',
      offset: 0x14,
      width: 32,
      section: '7.8.4.6',
      fields: [
        rw('RECEIVER', 0, 0, mask, sticky),
        rw('BAD_TLP', 6, 6, mask, sticky),
        rw('BAD_DLLP', 7, 7, mask, sticky),
        rw('REPLAY_ROLLOVER', 8, 8, mask, sticky),
        rw('REPLAY_TIMEOUT', 12, 12, mask, sticky),
        rw('ADVISORY_NONFATAL', 13, 13, mask, masked),
        rw('CORRECTED_INTERNAL', 14, 14, mask, masked),
        rw('HEADER_LOG_OVERFLOW', 15, 15, mask, masked),
      ],
    },
    {
      name: 'CONTROL',
      offset: 0x18,
      width: 32,
      section: '7.8.4.7',
      fields: [
        ros('FIRST_ERROR_POINTER', 4, 0),
        ro('ECRC_GENERATION_CAPABLE', 5),
        rw('ECRC_GENERATION', 6, 6, 'storage: ECRC is not modelled', sticky),
        ro('ECRC_CHECK_CAPABLE', 7),
        rw('ECRC_CHECK', 8, 8, 'storage: ECRC is not modelled', sticky),
        ro('MULTIPLE_HEADER_CAPABLE', 9),
        rw('MULTIPLE_HEADER_ENABLE', 10, 10, 'storage: one header is recorded', sticky),
        ros('PREFIX_LOG_PRESENT', 11, 11),
      ],
    },
    { name: 'HEADER_LOG_0', offset: 0x1c, width: 32, section: '7.8.4.8', fields: [ros('DWORD', 31, 0)] },
    { name: 'HEADER_LOG_1', offset: 0x20, width: 32, section: '7.8.4.8', fields: [ros('DWORD', 31, 0)] },
    { name: 'HEADER_LOG_2', offset: 0x24, width: 32, section: '7.8.4.8', fields: [ros('DWORD', 31, 0)] },
    { name: 'HEADER_LOG_3', offset: 0x28, width: 32, section: '7.8.4.8', fields: [ros('DWORD', 31, 0)] },
  ],
});

/** Root registers of Advanced Error Reporting, on root ports and event collectors (PCIe 7.8.4.9 to 7.8.4.11). */
export const rootErrorReporting: RegisterLayout<
  | In<'ROOT_COMMAND', 'CORRECTABLE_INTERRUPT' | 'NONFATAL_INTERRUPT' | 'FATAL_INTERRUPT'>
  | In<
      'ROOT_STATUS',
      | 'CORRECTABLE_RECEIVED'
      | 'MULTIPLE_CORRECTABLE'
      | 'UNCORRECTABLE_RECEIVED'
      | 'MULTIPLE_UNCORRECTABLE'
      | 'FIRST_FATAL'
      | 'NONFATAL_RECEIVED'
      | 'FATAL_RECEIVED'
      | 'INTERRUPT_MESSAGE'
    >
  | In<'SOURCE', 'CORRECTABLE' | 'UNCORRECTABLE'>
> = registerLayout({
  name: 'advanced error reporting, root',
  specification,
  size: 0x38,
  registers: [
    {
      name: 'ROOT_COMMAND',
      offset: 0x2c,
      width: 32,
      section: '7.8.4.9',
      fields: [
        rw('CORRECTABLE_INTERRUPT', 0, 0, 'ERR_COR raises an interrupt'),
        rw('NONFATAL_INTERRUPT', 1, 1, 'ERR_NONFATAL raises an interrupt'),
        rw('FATAL_INTERRUPT', 2, 2, 'ERR_FATAL raises an interrupt'),
      ],
    },
    {
      name: 'ROOT_STATUS',
      offset: 0x30,
      width: 32,
      section: '7.8.4.10',
      fields: [
        rw1c('CORRECTABLE_RECEIVED', 0, sticky),
        rw1c('MULTIPLE_CORRECTABLE', 1, sticky),
        rw1c('UNCORRECTABLE_RECEIVED', 2, sticky),
        rw1c('MULTIPLE_UNCORRECTABLE', 3, sticky),
        rw1c('FIRST_FATAL', 4, sticky),
        rw1c('NONFATAL_RECEIVED', 5, sticky),
        rw1c('FATAL_RECEIVED', 6, sticky),
        ro('INTERRUPT_MESSAGE', 31, 27),
      ],
    },
    {
      name: 'SOURCE',
      offset: 0x34,
      width: 32,
      section: '7.8.4.11',
      fields: [ros('CORRECTABLE', 15, 0), ros('UNCORRECTABLE', 31, 16)],
    },
  ],
});
