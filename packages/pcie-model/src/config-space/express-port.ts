import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, rw, rw1c } from './field-shorthand.ts';

const specification = 'PCI Express Base Specification 6.0';

/** Slot registers of a port with a slot (PCIe 7.5.3.9 to 7.5.3.11). */
export const expressSlot: RegisterLayout<
  | In<'SLOT_CAPABILITIES', 'POWER_CONTROLLER' | 'HOT_PLUG_SURPRISE' | 'HOT_PLUG' | 'NUMBER'>
  | In<'SLOT_STATUS', 'PRESENCE' | 'LINK_STATE_CHANGED'>
> = registerLayout({
  name: 'PCI Express, slot',
  specification,
  size: 28,
  registers: [
    {
      name: 'SLOT_CAPABILITIES',
      offset: 0x14,
      width: 32,
      section: '7.5.3.9',
      fields: [
        ro('POWER_CONTROLLER', 1),
        ro('HOT_PLUG_SURPRISE', 5),
        ro('HOT_PLUG', 6),
        ro('NUMBER', 31, 19),
      ],
    },
    {
      name: 'SLOT_CONTROL',
      offset: 0x18,
      width: 16,
      section: '7.5.3.10',
      fields: [
        rw('ATTENTION_BUTTON', 0, 0, 'storage: hot-plug interrupts are not modelled'),
        rw('POWER_FAULT', 1, 1, 'storage: hot-plug interrupts are not modelled'),
        rw('LATCH_CHANGED', 2, 2, 'storage: hot-plug interrupts are not modelled'),
        rw('PRESENCE_CHANGED', 3, 3, 'storage: hot-plug interrupts are not modelled'),
        rw('COMMAND_COMPLETED', 4, 4, 'storage: hot-plug interrupts are not modelled'),
        rw('HOT_PLUG_INTERRUPT', 5, 5, 'storage: hot-plug interrupts are not modelled'),
        rw('LINK_STATE_CHANGED', 12, 12, 'storage: hot-plug interrupts are not modelled'),
      ],
    },
    {
      name: 'SLOT_STATUS',
      offset: 0x1a,
      width: 16,
      section: '7.5.3.11',
      fields: [
        rw1c('ATTENTION_BUTTON', 0),
        rw1c('POWER_FAULT', 1),
        rw1c('LATCH_CHANGED', 2),
        rw1c('PRESENCE_CHANGED', 3),
        rw1c('COMMAND_COMPLETED', 4),
        ro('PRESENCE', 6),
        rw1c('LINK_STATE_CHANGED', 8),
      ],
    },
  ],
});

const LAMP_ON = 1;
const LAMP_OFF = 3;

/** Attention Indicator Control of a slot that has the lamp (PCIe 7.5.3.10): 00b is reserved, so that it resets to off. */
export const attentionIndicator: RegisterLayout<'SLOT_CONTROL.ATTENTION_INDICATOR'> = registerLayout({
  name: 'PCI Express, attention indicator',
  specification,
  size: 26,
  registers: [
    {
      name: 'SLOT_CONTROL',
      offset: 0x18,
      width: 16,
      section: '7.5.3.10',
      fields: [rw('ATTENTION_INDICATOR', 7, 6, 'storage: a lamp', { reset: LAMP_OFF })],
    },
  ],
});

/** Power Indicator Control of a slot that has the lamp (PCIe 7.5.3.10): 00b is reserved; slots have power after a reset. */
export const powerIndicator: RegisterLayout<'SLOT_CONTROL.POWER_INDICATOR'> = registerLayout({
  name: 'PCI Express, power indicator',
  specification,
  size: 26,
  registers: [
    {
      name: 'SLOT_CONTROL',
      offset: 0x18,
      width: 16,
      section: '7.5.3.10',
      fields: [rw('POWER_INDICATOR', 9, 8, 'storage: a lamp', { reset: LAMP_ON })],
    },
  ],
});

/** Power Controller Control of a slot that has a power controller (PCIe 7.5.3.10). */
export const slotPower: RegisterLayout<'SLOT_CONTROL.POWER_OFF'> = registerLayout({
  name: 'PCI Express, slot power',
  specification,
  size: 26,
  registers: [
    {
      name: 'SLOT_CONTROL',
      offset: 0x18,
      width: 16,
      section: '7.5.3.10',
      fields: [rw('POWER_OFF', 10, 10, 'everything below loses power')],
    },
  ],
});

/** Root registers of root ports and event collectors (PCIe 7.5.3.12 to 7.5.3.14). */
export const expressRoot: RegisterLayout<
  | In<'ROOT_CONTROL', 'SYSTEM_ERROR_ON_CORRECTABLE' | 'SYSTEM_ERROR_ON_NONFATAL' | 'SYSTEM_ERROR_ON_FATAL'>
  | 'ROOT_CAPABILITIES.CRS_VISIBILITY'
  | In<'ROOT_STATUS', 'PME_REQUESTER' | 'PME_STATUS' | 'PME_PENDING'>
> = registerLayout({
  name: 'PCI Express, root',
  specification,
  size: 36,
  registers: [
    {
      name: 'ROOT_CONTROL',
      offset: 0x1c,
      width: 16,
      section: '7.5.3.12',
      fields: [
        rw('SYSTEM_ERROR_ON_CORRECTABLE', 0, 0, 'ERR_COR becomes a system error'),
        rw('SYSTEM_ERROR_ON_NONFATAL', 1, 1, 'ERR_NONFATAL becomes a system error'),
        rw('SYSTEM_ERROR_ON_FATAL', 2, 2, 'ERR_FATAL becomes a system error'),
        rw('PME_INTERRUPT', 3, 3, 'storage: PME is not modelled'),
      ],
    },
    {
      name: 'ROOT_CAPABILITIES',
      offset: 0x1e,
      width: 16,
      section: '7.5.3.13',
      fields: [ro('CRS_VISIBILITY', 0)],
    },
    {
      name: 'ROOT_STATUS',
      offset: 0x20,
      width: 32,
      section: '7.5.3.14',
      fields: [ro('PME_REQUESTER', 15, 0), rw1c('PME_STATUS', 16), ro('PME_PENDING', 17)],
    },
  ],
});

/** Configuration RRS (CRS) Software Visibility Enable, where Root Capabilities promises it (PCIe 7.5.3.12). */
export const crsVisibility: RegisterLayout<'ROOT_CONTROL.CRS_VISIBILITY'> = registerLayout({
  name: 'PCI Express, CRS software visibility',
  specification,
  size: 30,
  registers: [
    {
      name: 'ROOT_CONTROL',
      offset: 0x1c,
      width: 16,
      section: '7.5.3.12',
      fields: [rw('CRS_VISIBILITY', 4, 4, 'a Vendor ID read of a function that is not ready gives 0001h')],
    },
  ],
});
