import type { ComparedCell } from './compared-cell.ts';
import type { LimitSetting, QemuLimit } from './limits.ts';

/** PASID entries that QEMU reads again each time. */
export const noPasidCache: QemuLimit = {
  name: 'no-pasid-cache',
  reason:
    'QEMU 7.2 reads the PASID entry anew for every walk. A unit may keep it until a PASID-cache invalidation of its domain (VT-d 6.2.3, 6.5.2.4), which Linux before 6.9 does not make where a driver replaces a copied entry: in the model the driver then works through the page table of the crashed kernel, and fails. With the PASID cache switched off the model says what QEMU shows.',
  explains: (cell, setting) => {
    const { variant } = setting;
    if (variant.tables !== 'copy' || !variant.firstScalable || !variant.secondScalable) return false;
    if (!failsInTheModelAlone(cell.subject, setting)) return false;
    if (cell.kind === 'verdict') return true;
    return (
      (cell.kind === 'faults' || cell.kind === 'reasons') &&
      (cell.phase === 'drivers' || cell.phase === 'dump')
    );
  },
};

function failsInTheModelAlone(
  name: ComparedCell['subject'],
  { observed, predictions }: Pick<LimitSetting, 'observed' | 'predictions'>,
): boolean {
  const verdictIn = ({ devices }: LimitSetting['observed']): string | undefined =>
    devices.find((one) => one.name === name)?.verdict;
  return (
    predictions.length > 0 &&
    predictions.every(({ account }) => verdictIn(account) === 'failed' && account.stopped === null) &&
    verdictIn(observed) === 'working'
  );
}
