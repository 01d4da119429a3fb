import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, ros, rw, rw1c, trigger } from './field-shorthand.ts';

/** Downstream Port Containment capability (PCIe 7.9.14). */
export const downstreamPortContainment: RegisterLayout<
  | In<'CAPABILITY', 'SOFTWARE_TRIGGERING'>
  | In<'CONTROL', 'TRIGGER_ENABLE' | 'INTERRUPT' | 'ERR_COR' | 'SOFTWARE_TRIGGER'>
  | In<'STATUS', 'TRIGGERED' | 'REASON' | 'INTERRUPT' | 'REASON_EXTENSION'>
  | 'SOURCE.REQUESTER_ID'
> = registerLayout({
  name: 'downstream port containment',
  specification: 'PCI Express Base Specification 6.0',
  size: 0x0c,
  registers: [
    {
      name: 'CAPABILITY',
      offset: 0x04,
      width: 16,
      section: '7.9.14.2',
      fields: [
        ro('INTERRUPT_MESSAGE', 4, 0),
        ro('ROOT_PORT_EXTENSIONS', 5),
        ro('POISONED_BLOCKING', 6),
        ro('SOFTWARE_TRIGGERING', 7),
      ],
    },
    {
      name: 'CONTROL',
      offset: 0x06,
      width: 16,
      section: '7.9.14.3',
      fields: [
        rw('TRIGGER_ENABLE', 1, 0, '1: ERR_FATAL takes the link down; 2: ERR_NONFATAL, too'),
        rw('COMPLETION_CONTROL', 2, 2, 'storage: what does not answer reads as all ones either way'),
        rw('INTERRUPT', 3, 3, 'storage: the containment interrupt is not modelled'),
        rw('ERR_COR', 4, 4, 'storage: ERR_COR on containment is not modelled'),
        rw('POISONED_BLOCKING', 5, 5, 'storage: poisoned egress is not modelled'),
        trigger('SOFTWARE_TRIGGER', 6, 'takes the link down, if triggering is enabled'),
      ],
    },
    {
      name: 'STATUS',
      offset: 0x08,
      width: 16,
      section: '7.9.14.4',
      fields: [
        rw1c('TRIGGERED', 0, { sticky: true }),
        ros('REASON', 2, 1),
        rw1c('INTERRUPT', 3, { sticky: true }),
        ro('ROOT_PORT_BUSY', 4),
        ros('REASON_EXTENSION', 6, 5),
      ],
    },
    { name: 'SOURCE', offset: 0x0a, width: 16, section: '7.9.14.5', fields: [ros('REQUESTER_ID', 15, 0)] },
  ],
});
