import type { FaultArchitecture, LoggedFault } from '../diagnosis.ts';

/** What a line of a remapping unit without PCI requester IDs says, whole on one line. */
export type PlatformUnitLine = Pick<
  LoggedFault,
  'architecture' | 'operation' | 'address' | 'stream' | 'reasonText'
>;

interface Shape {
  readonly architecture: FaultArchitecture;
  readonly is: RegExp;
  /** What was found, in the order of the pattern's groups. */
  readonly read: (groups: readonly (string | undefined)[]) => Omit<PlatformUnitLine, 'architecture'>;
}

/** Driver and device that the kernel puts before such messages (dev_err); a device has a number or an address. */
const DEVICE = String.raw`^[\w,.-]{1,40} (?=[^\s\d]{0,60}\d)[\w:@.-]{1,60}: `;

/** RISC-V IOMMU specification, fault queue: causes in our words. */
const RISCV: Readonly<Record<string, string>> = {
  5: 'the memory behind a read does not answer',
  7: 'the memory behind a write does not answer',
  13: 'no page for a read',
  15: 'no page for a write',
  21: 'no page of the second stage for a read',
  23: 'no page of the second stage for a write',
  256: 'the unit refuses all requests',
  257: 'the device directory could not be read',
  258: 'the device directory has no entry',
  259: 'the entry of the device directory is not valid',
  260: 'the entry of the device directory does not allow such a request',
};

const shapes: readonly Shape[] = [
  {
    // drivers/iommu/apple-dart.c, since 5.15
    architecture: 'apple-dart',
    is: new RegExp(
      `${DEVICE}translation fault: status:0x[0-9a-f]{1,8} stream:(\\d{1,3}) code:0x[0-9a-f]{1,8} \\(([\\w ]{1,40})\\) at 0x([0-9a-f]{1,16})`,
    ),
    read: ([stream, name, address]) => ({
      stream: Number(stream),
      ...addressOf(address),
      reasonText: `${name?.toLowerCase() ?? ''}, stream ${stream}`,
    }),
  },
  {
    // drivers/iommu/mtk_iommu.c since 4.6, and mtk_iommu_v1.c, which does not know the direction
    architecture: 'mediatek-iommu',
    is: new RegExp(
      `${DEVICE}(?:iommu )?fault type=0x([0-9a-f]{1,8}) iova=0x([0-9a-f]{1,16}) pa=0x[0-9a-f]{1,16} ([^%]{0,120}?)(?: (read|write))?$`,
    ),
    read: ([type, address, who, direction]) => ({
      ...addressOf(address),
      ...operationOf(direction),
      reasonText: `fault type 0x${type}, ${(who ?? '').replace(/ layer=\d$/, '').trim()}`,
    }),
  },
  {
    // drivers/iommu/rockchip-iommu.c since 3.19
    architecture: 'rockchip-iommu',
    is: new RegExp(`${DEVICE}Page fault at (?:0x)?([0-9a-f]{1,16}) of type (read|write)`),
    read: ([address, direction]) => ({
      ...addressOf(address),
      ...operationOf(direction),
      reasonText: 'page fault',
    }),
  },
  {
    // drivers/iommu/virtio-iommu.c since 5.3; the endpoint is a requester ID only where the firmware's table says so
    architecture: 'virtio-iommu',
    is: new RegExp(
      `${DEVICE}(domain|page|unknown) fault from EP (\\d{1,10})(?: PASID \\d{1,8})?(?: at (?:0x)?([0-9a-f]{1,16}) \\[(R?)(W?)X?\\])?`,
    ),
    read: ([reason, endpoint, address, , write]) => ({
      stream: Number(endpoint),
      ...addressOf(address),
      ...(address === undefined ? {} : operationOf(write === 'W' ? 'write' : 'read')),
      reasonText: `${reason === 'page' ? 'no mapping' : reason === 'domain' ? 'no domain' : 'unknown reason'}, endpoint ${endpoint}`,
    }),
  },
  {
    // drivers/iommu/riscv/iommu.c since 6.13
    architecture: 'riscv-iommu',
    is: new RegExp(
      `${DEVICE}Fault (\\d{1,4}) devid: 0x([0-9a-f]{1,6}) iotval: ([0-9a-f]{1,16}) iotval2: [0-9a-f]{1,16}`,
    ),
    read: ([cause, device, address]) => ({
      stream: Number.parseInt(device ?? '', 16),
      ...addressOf(address),
      ...operationOf(directionOfCause(cause)),
      reasonText: `${RISCV[cause ?? ''] ?? 'fault'} (cause ${cause}), device ID 0x${device}`,
    }),
  },
];

/** Words of which each such line has one: that begin like others that are looked for, or rarely, to skip over most text. */
export const platformUnitWords: readonly string[] = [
  'fault: status:0x',
  'fault type=0x',
  'fault at ',
  'fault from EP ',
  'iotval2: ',
];

/** Reads a fault of Apple's DART, of units of MediaTek and Rockchip, of virtio-iommu, of a RISC-V IOMMU. */
export function parsePlatformUnitFault(message: string): PlatformUnitLine | undefined {
  if (!platformUnitWords.some((words) => message.includes(words))) return;
  for (const { architecture, is, read } of shapes) {
    const found = is.exec(message);
    if (found !== null) return { architecture, ...read(found.slice(1)) };
  }
  return;
}

function addressOf(printed: string | undefined): { readonly address?: string } {
  return printed === undefined ? {} : { address: printed.toLowerCase().replace(/^0+(?=.)/, '') };
}

function operationOf(printed: string | undefined): { readonly operation?: 'read' | 'write' } {
  return printed === 'read' || printed === 'write' ? { operation: printed } : {};
}

function directionOfCause(cause: string | undefined): string | undefined {
  if (/^(?:4|5|13|21)$/.test(cause ?? '')) return 'read';
  return /^(?:6|7|15|23)$/.test(cause ?? '') ? 'write' : undefined;
}
