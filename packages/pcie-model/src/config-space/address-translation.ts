import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, rw, rw1c, trigger } from './field-shorthand.ts';

const specification = 'PCI Express Base Specification 6.0';

/** Address Translation Services capability (PCIe 10.5.1). */
export const addressTranslationServices: RegisterLayout<
  In<'CAPABILITY', 'QUEUE_DEPTH'> | In<'CONTROL', 'SMALLEST_UNIT' | 'ENABLE'>
> = registerLayout({
  name: 'address translation services',
  specification,
  size: 8,
  registers: [
    {
      name: 'CAPABILITY',
      offset: 0x04,
      width: 16,
      section: '10.5.1.2',
      fields: [ro('QUEUE_DEPTH', 4, 0), ro('PAGE_ALIGNED', 5), ro('GLOBAL_INVALIDATE', 6)],
    },
    {
      name: 'CONTROL',
      offset: 0x06,
      width: 16,
      section: '10.5.1.3',
      fields: [
        rw('SMALLEST_UNIT', 4, 0, 'storage: translations are of 4 KiB'),
        rw('ENABLE', 15, 15, 'the function may ask for and keep translations'),
      ],
    },
  ],
});

/** Page Request Interface capability (PCIe 10.5.2). */
export const pageRequest: RegisterLayout<
  In<'CONTROL', 'ENABLE' | 'RESET'> | In<'STATUS', 'RESPONSE_FAILURE' | 'STOPPED'>
> = registerLayout({
  name: 'page request interface',
  specification,
  size: 16,
  registers: [
    {
      name: 'CONTROL',
      offset: 0x04,
      width: 16,
      section: '10.5.2.2',
      fields: [
        rw('ENABLE', 0, 0, 'storage: page requests are not modelled'),
        trigger('RESET', 1, 'nothing to reset: page requests are not modelled'),
      ],
    },
    {
      name: 'STATUS',
      offset: 0x06,
      width: 16,
      section: '10.5.2.3',
      fields: [
        rw1c('RESPONSE_FAILURE', 0),
        rw1c('UNEXPECTED_INDEX', 1),
        ro('STOPPED', 8),
        ro('PASID_REQUIRED', 15),
      ],
    },
    { name: 'CAPACITY', offset: 0x08, width: 32, section: '10.5.2.4', fields: [ro('REQUESTS', 31, 0)] },
    {
      name: 'ALLOCATION',
      offset: 0x0c,
      width: 32,
      section: '10.5.2.5',
      fields: [rw('REQUESTS', 31, 0, 'storage: page requests are not modelled')],
    },
  ],
});

/** Process Address Space ID capability (PCIe 7.8.9). */
export const processAddressSpaceId: RegisterLayout<
  In<'CAPABILITY', 'MAX_WIDTH'> | In<'CONTROL', 'ENABLE' | 'EXECUTE' | 'PRIVILEGED'>
> = registerLayout({
  name: 'process address space ID',
  specification,
  size: 8,
  registers: [
    {
      name: 'CAPABILITY',
      offset: 0x04,
      width: 16,
      section: '7.8.9.2',
      fields: [ro('EXECUTE', 1), ro('PRIVILEGED', 2), ro('MAX_WIDTH', 12, 8)],
    },
    {
      name: 'CONTROL',
      offset: 0x06,
      width: 16,
      section: '7.8.9.3',
      fields: [
        rw('ENABLE', 0, 0, 'requests may carry a PASID'),
        rw('EXECUTE', 1, 1, 'requests may ask for execute permission'),
        rw('PRIVILEGED', 2, 2, 'requests may ask for privileged mode'),
      ],
    },
  ],
});
