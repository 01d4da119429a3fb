import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, rw } from './field-shorthand.ts';

/** Single Root I/O Virtualization capability, its VF BARs apart (PCIe 9.3.3). */
export const singleRootIoVirtualization: RegisterLayout<
  | In<'CONTROL', 'VF_ENABLE' | 'VF_MEMORY_SPACE' | 'ARI_HIERARCHY'>
  | 'INITIAL_VFS.COUNT'
  | 'TOTAL_VFS.COUNT'
  | 'NUM_VFS.COUNT'
  | 'FIRST_VF_OFFSET.OFFSET'
  | 'VF_STRIDE.STRIDE'
  | 'VF_DEVICE_ID.ID'
> = registerLayout({
  name: 'single root I/O virtualization',
  specification: 'PCI Express Base Specification 6.0',
  size: 0x24,
  registers: [
    {
      name: 'CAPABILITIES',
      offset: 0x04,
      width: 32,
      section: '9.3.3.2',
      fields: [ro('MIGRATION', 0), ro('ARI_PRESERVED', 1)],
    },
    {
      name: 'CONTROL',
      offset: 0x08,
      width: 16,
      section: '9.3.3.3',
      fields: [
        rw('VF_ENABLE', 0, 0, 'the virtual functions exist'),
        rw('VF_MEMORY_SPACE', 3, 3, 'the BARs of the virtual functions decode'),
        rw('ARI_HIERARCHY', 4, 4, 'storage: First VF Offset and VF Stride stay as captured'),
      ],
    },
    { name: 'INITIAL_VFS', offset: 0x0c, width: 16, section: '9.3.3.5', fields: [ro('COUNT', 15, 0)] },
    { name: 'TOTAL_VFS', offset: 0x0e, width: 16, section: '9.3.3.6', fields: [ro('COUNT', 15, 0)] },
    {
      name: 'NUM_VFS',
      offset: 0x10,
      width: 16,
      section: '9.3.3.7',
      fields: [rw('COUNT', 15, 0, 'how many virtual functions VF Enable brings up')],
    },
    { name: 'FIRST_VF_OFFSET', offset: 0x14, width: 16, section: '9.3.3.9', fields: [ro('OFFSET', 15, 0)] },
    { name: 'VF_STRIDE', offset: 0x16, width: 16, section: '9.3.3.10', fields: [ro('STRIDE', 15, 0)] },
    { name: 'VF_DEVICE_ID', offset: 0x1a, width: 16, section: '9.3.3.11', fields: [ro('ID', 15, 0)] },
    {
      name: 'SUPPORTED_PAGE_SIZES',
      offset: 0x1c,
      width: 32,
      section: '9.3.3.12',
      fields: [ro('SIZES', 31, 0)],
    },
    {
      name: 'SYSTEM_PAGE_SIZE',
      offset: 0x20,
      width: 32,
      section: '9.3.3.13',
      fields: [rw('SIZE', 31, 0, 'storage: VF BARs keep the size they were captured with', { reset: 1 })],
    },
  ],
});

/** Offset of the first VF BAR in the SR-IOV capability (PCIe 9.3.3.14). */
export const VF_BAR_OFFSET = 0x24;
