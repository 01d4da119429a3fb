import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { ro } from './field-shorthand.ts';

/** Device Serial Number capability (PCIe 7.9.3). */
export const deviceSerialNumber: RegisterLayout<'LOWER.NUMBER' | 'UPPER.NUMBER'> = registerLayout({
  name: 'device serial number',
  specification: 'PCI Express Base Specification 6.0',
  size: 12,
  registers: [
    { name: 'LOWER', offset: 0x04, width: 32, section: '7.9.3.2', fields: [ro('NUMBER', 31, 0)] },
    { name: 'UPPER', offset: 0x08, width: 32, section: '7.9.3.2', fields: [ro('NUMBER', 31, 0)] },
  ],
});
