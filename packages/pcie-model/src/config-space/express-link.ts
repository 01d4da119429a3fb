import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, rw, rw1c } from './field-shorthand.ts';

const specification = 'PCI Express Base Specification 6.0';

/** Link registers of a function with a link (PCIe 7.5.3.6 to 7.5.3.8). */
export const expressLink: RegisterLayout<
  | In<'LINK_CAPABILITIES', 'MAX_SPEED' | 'MAX_WIDTH' | 'ACTIVE_REPORTING' | 'PORT_NUMBER'>
  | In<'LINK_CONTROL', 'ASPM' | 'READ_COMPLETION_BOUNDARY' | 'COMMON_CLOCK' | 'EXTENDED_SYNCH'>
  | In<'LINK_STATUS', 'SPEED' | 'WIDTH' | 'TRAINING' | 'ACTIVE'>
> = registerLayout({
  name: 'PCI Express, link',
  specification,
  size: 20,
  registers: [
    {
      name: 'LINK_CAPABILITIES',
      offset: 0x0c,
      width: 32,
      section: '7.5.3.6',
      fields: [
        ro('MAX_SPEED', 3, 0),
        ro('MAX_WIDTH', 9, 4),
        ro('ACTIVE_REPORTING', 20),
        ro('PORT_NUMBER', 31, 24),
      ],
    },
    {
      name: 'LINK_CONTROL',
      offset: 0x10,
      width: 16,
      section: '7.5.3.7',
      fields: [
        rw('ASPM', 1, 0, 'storage: link power states are not modelled'),
        rw('READ_COMPLETION_BOUNDARY', 3, 3, 'storage: completions are not split'),
        rw('COMMON_CLOCK', 6, 6, 'storage: link timing only'),
        rw('EXTENDED_SYNCH', 7, 7, 'storage: link timing only'),
        rw('CLOCK_POWER_MANAGEMENT', 8, 8, 'storage: link power states are not modelled'),
        rw('AUTONOMOUS_WIDTH_DISABLE', 9, 9, 'storage: the width stays as captured'),
        rw('BANDWIDTH_INTERRUPT', 10, 10, 'storage: the bandwidth stays as captured'),
        rw('AUTONOMOUS_BANDWIDTH_INTERRUPT', 11, 11, 'storage: the bandwidth stays as captured'),
      ],
    },
    {
      name: 'LINK_STATUS',
      offset: 0x12,
      width: 16,
      section: '7.5.3.8',
      fields: [
        ro('SPEED', 3, 0),
        ro('WIDTH', 9, 4),
        ro('TRAINING', 11),
        ro('SLOT_CLOCK', 12),
        ro('ACTIVE', 13),
        rw1c('BANDWIDTH_MANAGEMENT', 14),
        rw1c('AUTONOMOUS_BANDWIDTH', 15),
      ],
    },
  ],
});

/** Link Disable, on ports that face downstream (PCIe 7.5.3.7). */
export const linkDisable: RegisterLayout<'LINK_CONTROL.DISABLE'> = registerLayout({
  name: 'PCI Express, link disable',
  specification,
  size: 18,
  registers: [
    {
      name: 'LINK_CONTROL',
      offset: 0x10,
      width: 16,
      section: '7.5.3.7',
      fields: [rw('DISABLE', 4, 4, 'the link goes down, and with it everything below')],
    },
  ],
});

/** Link Control 2 and Link Status 2 (PCIe 7.5.3.19, 7.5.3.20). */
export const expressLink2: RegisterLayout<'LINK_CONTROL_2.TARGET_SPEED'> = registerLayout({
  name: 'PCI Express, link 2',
  specification,
  size: 52,
  registers: [
    {
      name: 'LINK_CONTROL_2',
      offset: 0x30,
      width: 16,
      section: '7.5.3.19',
      fields: [
        rw('TARGET_SPEED', 3, 0, 'storage: the speed stays as captured', { sticky: true }),
        rw('COMPLIANCE', 4, 4, 'storage: compliance patterns are not modelled', { sticky: true }),
        rw('AUTONOMOUS_SPEED_DISABLE', 5, 5, 'storage: the speed stays as captured', { sticky: true }),
        rw('TRANSMIT_MARGIN', 9, 7, 'storage: electrical', { sticky: true }),
        rw('MODIFIED_COMPLIANCE', 10, 10, 'storage: electrical', { sticky: true }),
        rw('COMPLIANCE_SOS', 11, 11, 'storage: electrical', { sticky: true }),
        rw('COMPLIANCE_PRESET', 15, 12, 'storage: electrical', { sticky: true }),
      ],
    },
  ],
});
