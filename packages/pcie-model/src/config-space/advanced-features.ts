import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, trigger } from './field-shorthand.ts';

/** Advanced Features capability: a function level reset for conventional PCI functions. */
export const advancedFeatures: RegisterLayout<
  In<'CAPABILITIES', 'TRANSACTIONS_PENDING' | 'FUNCTION_LEVEL_RESET'> | 'STATUS.TRANSACTIONS_PENDING'
> = registerLayout({
  name: 'advanced features',
  specification: 'PCI Advanced Capabilities ECN (2006)',
  size: 6,
  registers: [
    {
      name: 'CAPABILITIES',
      offset: 0x03,
      width: 8,
      section: '6.1',
      fields: [ro('TRANSACTIONS_PENDING', 0), ro('FUNCTION_LEVEL_RESET', 1)],
    },
    { name: 'STATUS', offset: 0x05, width: 8, section: '6.1', fields: [ro('TRANSACTIONS_PENDING', 0)] },
  ],
});

/** Initiate FLR, where the capability promises it. */
export const advancedFeaturesReset: RegisterLayout<'CONTROL.INITIATE'> = registerLayout({
  name: 'advanced features, reset',
  specification: 'PCI Advanced Capabilities ECN (2006)',
  size: 6,
  registers: [
    {
      name: 'CONTROL',
      offset: 0x04,
      width: 8,
      section: '6.1',
      fields: [trigger('INITIATE', 0, 'resets this function')],
    },
  ],
});
