import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, rw } from './field-shorthand.ts';

const stored = 'storage: peer-to-peer requests end at the memory map';

/** Access Control Services capability (PCIe 7.7.11). */
export const accessControlServices: RegisterLayout<
  In<'CONTROL', 'SOURCE_VALIDATION' | 'REQUEST_REDIRECT' | 'COMPLETION_REDIRECT' | 'UPSTREAM_FORWARDING'>
> = registerLayout({
  name: 'access control services',
  specification: 'PCI Express Base Specification 6.0',
  size: 8,
  registers: [
    {
      name: 'CAPABILITY',
      offset: 0x04,
      width: 16,
      section: '7.7.11.2',
      fields: [ro('SERVICES', 6, 0), ro('EGRESS_VECTOR_SIZE', 15, 8)],
    },
    {
      name: 'CONTROL',
      offset: 0x06,
      width: 16,
      section: '7.7.11.3',
      fields: [
        rw('SOURCE_VALIDATION', 0, 0, 'storage: no function forges its requester ID'),
        rw('TRANSLATION_BLOCKING', 1, 1, "storage: translated requests are the fabric's business"),
        rw('REQUEST_REDIRECT', 2, 2, stored),
        rw('COMPLETION_REDIRECT', 3, 3, stored),
        rw('UPSTREAM_FORWARDING', 4, 4, stored),
        rw('EGRESS_CONTROL', 5, 5, stored),
        rw('DIRECT_TRANSLATED', 6, 6, stored),
      ],
    },
  ],
});

/** Alternative Routing-ID Interpretation capability (PCIe 7.8.8). */
export const alternativeRoutingId: RegisterLayout<In<'CAPABILITY', 'NEXT_FUNCTION'>> = registerLayout({
  name: 'alternative routing ID',
  specification: 'PCI Express Base Specification 6.0',
  size: 8,
  registers: [
    {
      name: 'CAPABILITY',
      offset: 0x04,
      width: 16,
      section: '7.8.8.2',
      fields: [ro('MFVC_GROUPS', 0), ro('ACS_GROUPS', 1), ro('NEXT_FUNCTION', 15, 8)],
    },
    {
      name: 'CONTROL',
      offset: 0x06,
      width: 16,
      section: '7.8.8.3',
      fields: [
        rw('MFVC_GROUPS', 0, 0, 'storage: function groups are not modelled'),
        rw('ACS_GROUPS', 1, 1, 'storage: function groups are not modelled'),
        rw('GROUP', 6, 4, 'storage: function groups are not modelled'),
      ],
    },
  ],
});
