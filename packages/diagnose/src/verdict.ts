import type { Diagnosis, LogEvent, LoggedKernel } from './diagnosis.ts';

/** Events that tell of trouble with remapping itself. */
const OF_REMAPPING: ReadonlySet<LogEvent['kind']> = new Set<LogEvent['kind']>([
  'fault-status',
  'suppressed',
  'tables-copy-failed',
  'interrupt-table-copy-failed',
  'hardware-malfunction',
  'timer-check-failed',
]);

/** Events that tell of other trouble. */
const OF_OTHERS: ReadonlySet<LogEvent['kind']> = new Set<LogEvent['kind']>([
  'system-error',
  'isolated',
  'aer',
  'panic',
  'driver-failure',
  'hang',
  'out-of-memory',
  'dump-failed',
  'kernel-bug',
]);

const UNITS = {
  'vt-d': 'VT-d',
  'xen-vt-d': 'VT-d under Xen',
  'amd-vi': 'AMD-Vi, not VT-d',
  'smmu-v3': 'SMMUv3, not VT-d',
  'smmu-v2': 'an SMMU before version 3, not VT-d',
  'apple-dart': "Apple's DART, not VT-d",
  'mediatek-iommu': "MediaTek's IOMMU, not VT-d",
  'rockchip-iommu': "Rockchip's IOMMU, not VT-d",
  'riscv-iommu': 'a RISC-V IOMMU, not VT-d',
  'virtio-iommu': 'virtio-iommu, not VT-d',
};

type Findings = Pick<Diagnosis, 'faults' | 'events' | 'kernels'> & { readonly isKernelLog: boolean };

/** The verdict on a log, and the same in a sentence or two. */
export function verdictOf(found: Findings): Pick<Diagnosis, 'verdict' | 'summary'> {
  const { dma, interrupt, suppressed } = found.faults;
  if (!found.isKernelLog) {
    return { verdict: 'no-kernel-log', summary: 'Nothing here looks like the log of a kernel.' };
  }
  // The crash that a crash kernel follows is why there is a log at all.
  const others = found.events.filter(
    (event) =>
      OF_OTHERS.has(event.kind) &&
      !(event.phase === 'crash' && found.kernels[event.kernel]?.role === 'first'),
  );
  if (dma + interrupt > 0) {
    const parts = [counted(dma, 'DMA fault'), counted(interrupt, 'interrupt fault')].filter(
      (part) => part !== '',
    );
    const more = suppressed > 0 ? `, and at least ${suppressed} more that were not printed` : '';
    return {
      verdict: 'remapping-trouble',
      summary: `${parts.join(' and ')}${more}, reported by ${architectures(found)}${where(found)}.`,
    };
  }
  const trouble = found.events.filter((event) => OF_REMAPPING.has(event.kind));
  if (trouble.length > 0) {
    const kinds = namesOf(trouble);
    return {
      verdict: 'remapping-trouble',
      summary: `No fault line, but signs of trouble with remapping${ofUnits(found.kernels)}: ${kinds} (line ${trouble[0]?.line}).`,
    };
  }
  if (others.length > 0) {
    const kinds = namesOf(others);
    return {
      verdict: 'other-trouble',
      summary: `No remapping trouble here${ofUnits(found.kernels)}; something else failed: ${kinds} (line ${others[0]?.line}).`,
    };
  }
  return {
    verdict: 'none',
    summary: `No remapping trouble here${ofUnits(found.kernels)}: no fault, and no failure that is known.`,
  };
}

function architectures({ faults }: Findings): string {
  const seen = new Set(faults.groups.map((group) => group.example.architecture));
  return [...seen].map((one) => UNITS[one]).join(' and ');
}

function where({ faults, kernels }: Findings): string {
  const inside = [...new Set(faults.groups.map((group) => group.kernel))].flatMap((index) => {
    const kernel = kernels[index];
    return kernel === undefined || kernel.role === 'only' ? [] : [`the ${kernel.role} kernel`];
  });
  return inside.length === 0 ? '' : `, in ${[...new Set(inside)].join(' and ')}`;
}

function ofUnits(kernels: readonly LoggedKernel[]): string {
  const seen = new Set(kernels.flatMap((kernel) => kernel.inventory.architecture ?? []));
  return seen.size === 0 ? '' : ` (${[...seen].map((one) => UNITS[one]).join(', ')})`;
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Kinds of events in words, each once. */
function namesOf(events: readonly LogEvent[]): string {
  return [...new Set(events.map(({ kind }) => kind.replaceAll('-', ' ')))].join(', ');
}
