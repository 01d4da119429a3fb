import { type CapabilityPlan, capabilityBytes } from './capability-plan.ts';

function extended(
  id: number,
  version: number,
  offset: number | undefined,
  bytes: Uint8Array,
): CapabilityPlan {
  return { id, extended: true, version, offset, bytes };
}

/**
 * Advanced Error Reporting (PCIe 7.8.4) with the default severities of an uncorrectable error, as
 * firmware leaves it. `root` adds the root port's registers, with all three messages reported.
 */
export function advancedErrorReporting(
  options: { offset?: number; root?: boolean; uncorrectableMask?: number } = {},
): CapabilityPlan {
  const root = options.root ?? false;
  const values32: [number, number][] = [
    [0x08, options.uncorrectableMask ?? 0],
    [0x0c, 0x0046_2030],
    // Advisory Non-Fatal, Corrected Internal and Header Log Overflow are masked by default.
    [0x14, 0xe000],
    [0x18, 0xa0],
  ];
  if (root) values32.push([0x2c, 7]);
  return extended(0x0001, 2, options.offset, capabilityBytes(root ? 0x48 : 0x38, [], values32));
}

/** Device Serial Number (PCIe 7.9.3). */
export function deviceSerialNumber(low: number, high: number, offset?: number): CapabilityPlan {
  const bytes = capabilityBytes(
    12,
    [],
    [
      [4, low],
      [8, high],
    ],
  );
  return extended(0x0003, 1, offset, bytes);
}

/** Access Control Services (PCIe 7.7.11): source validation and peer-to-peer redirection, on by default. */
export function accessControlServices(
  options: { offset?: number; capability?: number; control?: number } = {},
): CapabilityPlan {
  const bytes = capabilityBytes(8, [
    [4, options.capability ?? 0x5f],
    [6, options.control ?? 0x1d],
  ]);
  return extended(0x000d, 1, options.offset, bytes);
}

/** Alternative Routing-ID Interpretation (PCIe 7.8.8). */
export function alternativeRoutingId(nextFunction = 0, offset?: number): CapabilityPlan {
  return extended(0x000e, 1, offset, capabilityBytes(8, [[4, nextFunction << 8]]));
}

/** Address Translation Services (PCIe 10.5.1); `queueDepth` is 1 .. 32, 32 being written as 0. */
export function addressTranslationServices(
  options: { offset?: number; queueDepth?: number; enabled?: boolean } = {},
): CapabilityPlan {
  const pageAligned = 0x20;
  const bytes = capabilityBytes(8, [
    [4, ((options.queueDepth ?? 32) & 0x1f) | pageAligned],
    [6, options.enabled === true ? 0x8000 : 0],
  ]);
  return extended(0x000f, 1, options.offset, bytes);
}

/** Page Request Interface (PCIe 10.5.2), disabled and stopped. */
export function pageRequestInterface(outstanding = 32, offset?: number): CapabilityPlan {
  return extended(0x0013, 1, offset, capabilityBytes(16, [[6, 0x0100]], [[8, outstanding]]));
}

/** Process Address Space ID (PCIe 7.8.9) of `width` bits, disabled. */
export function processAddressSpaceId(width = 20, offset?: number): CapabilityPlan {
  return extended(0x001b, 1, offset, capabilityBytes(8, [[4, width << 8]]));
}

/** Downstream Port Containment (PCIe 7.9.14), disabled. */
export function downstreamPortContainment(offset?: number): CapabilityPlan {
  return extended(0x001d, 1, offset, capabilityBytes(0x30, [[4, 0x0020]]));
}

/**
 * Single Root I/O Virtualization (SR-IOV 3.3), without VFs enabled; `bars` are addresses of 32-bit VF BARs by number, as
 * firmware gave them.
 */
export function singleRootIov(options: {
  offset?: number;
  totalVfs: number;
  vfOffset: number;
  vfStride: number;
  vfDeviceId: number;
  bars?: Readonly<Record<number, number>>;
}): CapabilityPlan {
  const bars = Object.entries(options.bars ?? {});
  const bytes = capabilityBytes(
    0x40,
    [
      [0x0c, options.totalVfs],
      [0x0e, options.totalVfs],
      [0x14, options.vfOffset],
      [0x16, options.vfStride],
      [0x1a, options.vfDeviceId],
    ],
    [[0x1c, 0x553], [0x20, 1], ...bars.map(([bar, address]) => [0x24 + 4 * Number(bar), address] as const)],
  );
  return extended(0x0010, 1, options.offset, bytes);
}
