import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, rw, rw1c } from './field-shorthand.ts';

/** Power Management capability (PCIe 7.5.2). */
export const powerManagement: RegisterLayout<
  | In<'CAPABILITIES', 'VERSION' | 'D1_SUPPORT' | 'D2_SUPPORT' | 'PME_SUPPORT'>
  | In<'CONTROL_STATUS', 'POWER_STATE' | 'NO_SOFT_RESET' | 'PME_ENABLE' | 'PME_STATUS'>
> = registerLayout({
  name: 'power management',
  specification: 'PCI Express Base Specification 6.0',
  size: 8,
  registers: [
    {
      name: 'CAPABILITIES',
      offset: 0x02,
      width: 16,
      section: '7.5.2.1',
      fields: [ro('VERSION', 2, 0), ro('D1_SUPPORT', 9), ro('D2_SUPPORT', 10), ro('PME_SUPPORT', 15, 11)],
    },
    {
      name: 'CONTROL_STATUS',
      offset: 0x04,
      width: 16,
      section: '7.5.2.2',
      fields: [
        rw('POWER_STATE', 1, 0, 'D0 .. D3hot: outside of D0 only configuration requests are answered'),
        ro('NO_SOFT_RESET', 3),
        rw('PME_ENABLE', 8, 8, 'storage: PME is not modelled', { sticky: true }),
        rw('DATA_SELECT', 12, 9, 'storage: the data register is as captured'),
        rw1c('PME_STATUS', 15, { sticky: true }),
      ],
    },
  ],
});
