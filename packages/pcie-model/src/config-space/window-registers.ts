import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { type In, ro, rw } from './field-shorthand.ts';

const specification = 'PCI Express Base Specification 6.0';

/** Non-prefetchable memory window of a bridge, in MiB (PCIe 7.5.1.3.8). */
export const memoryWindowRegisters: RegisterLayout<'MEMORY_BASE.ADDRESS' | 'MEMORY_LIMIT.ADDRESS'> =
  registerLayout({
    name: 'memory window',
    specification,
    size: 64,
    registers: [
      {
        name: 'MEMORY_BASE',
        offset: 0x20,
        width: 16,
        section: '7.5.1.3.8',
        fields: [rw('ADDRESS', 15, 4, 'bits 31:20 of the first address forwarded')],
      },
      {
        name: 'MEMORY_LIMIT',
        offset: 0x22,
        width: 16,
        section: '7.5.1.3.8',
        fields: [rw('ADDRESS', 15, 4, 'bits 31:20 of the last address forwarded')],
      },
    ],
  });

/** Prefetchable window, in MiB (PCIe 7.5.1.3.9). WIDTH 1: upper halves exist. */
export const prefetchableWindowRegisters: RegisterLayout<
  In<'PREFETCHABLE_BASE' | 'PREFETCHABLE_LIMIT', 'WIDTH' | 'ADDRESS'>
> = registerLayout({
  name: 'prefetchable window',
  specification,
  size: 64,
  registers: [
    {
      name: 'PREFETCHABLE_BASE',
      offset: 0x24,
      width: 16,
      section: '7.5.1.3.9',
      fields: [ro('WIDTH', 3, 0), rw('ADDRESS', 15, 4, 'bits 31:20 of the first address forwarded')],
    },
    {
      name: 'PREFETCHABLE_LIMIT',
      offset: 0x26,
      width: 16,
      section: '7.5.1.3.9',
      fields: [ro('WIDTH', 3, 0), rw('ADDRESS', 15, 4, 'bits 31:20 of the last address forwarded')],
    },
  ],
});

/** Upper halves of a 64-bit prefetchable window (PCIe 7.5.1.3.10). */
export const prefetchableUpperRegisters: RegisterLayout<
  In<'PREFETCHABLE_BASE_UPPER' | 'PREFETCHABLE_LIMIT_UPPER', 'ADDRESS'>
> = registerLayout({
  name: 'prefetchable window, upper halves',
  specification,
  size: 64,
  registers: [
    {
      name: 'PREFETCHABLE_BASE_UPPER',
      offset: 0x28,
      width: 32,
      section: '7.5.1.3.10',
      fields: [rw('ADDRESS', 31, 0, 'bits 63:32 of the first address forwarded')],
    },
    {
      name: 'PREFETCHABLE_LIMIT_UPPER',
      offset: 0x2c,
      width: 32,
      section: '7.5.1.3.10',
      fields: [rw('ADDRESS', 31, 0, 'bits 63:32 of the last address forwarded')],
    },
  ],
});

/** I/O window, in 4 KiB (PCIe 7.5.1.3.6). WIDTH 1: upper halves exist. */
export const ioWindowRegisters: RegisterLayout<In<'IO_BASE' | 'IO_LIMIT', 'WIDTH' | 'ADDRESS'>> =
  registerLayout({
    name: 'I/O window',
    specification,
    size: 64,
    registers: [
      {
        name: 'IO_BASE',
        offset: 0x1c,
        width: 8,
        section: '7.5.1.3.6',
        fields: [ro('WIDTH', 3, 0), rw('ADDRESS', 7, 4, 'bits 15:12 of the first port forwarded')],
      },
      {
        name: 'IO_LIMIT',
        offset: 0x1d,
        width: 8,
        section: '7.5.1.3.6',
        fields: [ro('WIDTH', 3, 0), rw('ADDRESS', 7, 4, 'bits 15:12 of the last port forwarded')],
      },
    ],
  });

/** Upper halves of a 32-bit I/O window (PCIe 7.5.1.3.12). */
export const ioUpperRegisters: RegisterLayout<In<'IO_BASE_UPPER' | 'IO_LIMIT_UPPER', 'ADDRESS'>> =
  registerLayout({
    name: 'I/O window, upper halves',
    specification,
    size: 64,
    registers: [
      {
        name: 'IO_BASE_UPPER',
        offset: 0x30,
        width: 16,
        section: '7.5.1.3.12',
        fields: [rw('ADDRESS', 15, 0, 'bits 31:16 of the first port forwarded')],
      },
      {
        name: 'IO_LIMIT_UPPER',
        offset: 0x32,
        width: 16,
        section: '7.5.1.3.12',
        fields: [rw('ADDRESS', 15, 0, 'bits 31:16 of the last port forwarded')],
      },
    ],
  });
