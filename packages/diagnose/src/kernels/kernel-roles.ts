import type { LoggedKernel } from '../diagnosis.ts';
import type { KernelRecord, Sign } from './kernel-record.ts';

type Role = Pick<LoggedKernel, 'role' | 'roleReason'>;

/** What each kernel of a log was for, and why it is taken for that. */
export function rolesOf(kernels: readonly KernelRecord[]): readonly Role[] {
  const crash = kernels.map(crashReason);
  return kernels.map((kernel, index): Role => {
    const reason = crash[index];
    if (reason !== undefined) return { role: 'crash', roleReason: reason };
    const panic = kernel.signs.get('panic');
    if (crash[index + 1] !== undefined) {
      return {
        role: 'first',
        roleReason: `a crash kernel follows it${panic === undefined ? '' : `, and it panicked (line ${panic})`}`,
      };
    }
    if (index > 0)
      return {
        role: 'rebooted',
        roleReason: rebootReason(kernel, kernels[index - 1] as KernelRecord, crash[index - 1]),
      };
    if (panic !== undefined) return { role: 'first', roleReason: `it panicked (line ${panic})` };
    return { role: 'only', roleReason: 'nothing in the log tells of a crash before it or after it' };
  });
}

/** Why a kernel is a crash kernel; the signs in order of how much they prove. */
function crashReason(kernel: KernelRecord): string | undefined {
  const at = (sign: Sign): number | undefined => kernel.signs.get(sign);
  const header = at('elfcorehdr');
  if (header !== undefined) return `its command line has elfcorehdr= (line ${header})`;
  const dump = at('crash-initramfs');
  if (dump !== undefined) return `it saves a dump (line ${dump})`;
  const previous = at('previous-kernel');
  if (previous !== undefined) return `it finds tables of a kernel before it (line ${previous})`;
  const purgatory = at('purgatory');
  if (purgatory !== undefined && at('crashkernel') === undefined)
    return `kexec started it (line ${purgatory})`;
  const reset = at('reset-devices');
  if (reset !== undefined) return `its command line has reset_devices (line ${reset})`;
  return;
}

function rebootReason(
  kernel: KernelRecord,
  before: KernelRecord,
  beforeWasCrash: string | undefined,
): string {
  const firmware = kernel.signs.get('firmware');
  if (firmware !== undefined) return `firmware ran before it (line ${firmware})`;
  if (kernel.beginsBy === 'boot-id')
    return `the journal says that it is another boot (line ${kernel.firstLine})`;
  if (beforeWasCrash !== undefined)
    return 'it follows a crash kernel, and nothing says that it is one itself';
  if (before.signs.has('panic')) return 'it follows a panic, and nothing says that it is a crash kernel';
  if (kernel.beginsBy === 'time') return `the time since boot goes back at line ${kernel.firstLine}`;
  return `another kernel begins at line ${kernel.firstLine}`;
}
