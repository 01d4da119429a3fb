import { kernelHas, kernelOrigin } from '@quiesce/machine';
import type { LoggedKernel } from '../diagnosis.ts';
import type { KernelRecord, Sign } from './kernel-record.ts';

type Tables = LoggedKernel['dmaTables'];

/** What became of a kernel's tables, and what that rests on where no line says it. */
export interface TableStory {
  readonly dmaTables: Tables;
  readonly interruptTables: Tables;
  readonly inferred?: string;
}

/** Copied, rebuilt or fresh tables: from the lines that say so, or from the age of a crash kernel. */
export function tablesOf(kernel: KernelRecord, role: LoggedKernel['role']): TableStory {
  const dma = told(kernel, 'dma-copied', 'dma-copy-failed', 'dma-enabled-before');
  const interrupt = told(kernel, 'interrupt-copied', 'interrupt-copy-failed', 'interrupt-enabled-before');
  const dmaSetUp = dma === undefined && kernel.signs.has('dma-set-up');
  const interruptSetUp = interrupt === undefined && kernel.signs.has('interrupt-set-up');
  const tooOld = role === 'crash' && cannotCopy(kernel.version ?? kernel.release);
  // An excerpt may lack the line that would tell.
  const silent: Tables = tooOld ? 'rebuilt' : kernel.hasBanner ? 'fresh' : 'unknown';
  return {
    dmaTables: dma ?? (dmaSetUp ? silent : 'unknown'),
    interruptTables: interrupt ?? (interruptSetUp ? silent : 'unknown'),
    ...(tooOld && (dmaSetUp || interruptSetUp)
      ? {
          inferred: `tables taken as rebuilt: Linux ${kernel.version ?? kernel.release} cannot copy them, unless its distributor added it (4.2 was the first)`,
        }
      : {}),
  };
}

/** A failure on one unit outweighs what other units did. */
function told(kernel: KernelRecord, copied: Sign, failed: Sign, before: Sign): Tables | undefined {
  if (kernel.signs.has(failed)) return 'copy-failed';
  if (kernel.signs.has(before)) return 'rebuilt';
  return kernel.signs.has(copied) ? 'copied' : undefined;
}

/** Distributions put it into kernels of an older number: those whose source was read are known, others say so when they copy. */
function cannotCopy(release: string | undefined): boolean {
  const origin = release === undefined ? undefined : kernelOrigin(release);
  return origin !== undefined && kernelHas(origin.version, 'rebuilds-tables') === true;
}
