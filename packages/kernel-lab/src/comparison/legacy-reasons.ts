/** Scalable-mode reasons (VT-d 7.1.3, table 7-3 …), and what QEMU says in their place. */
const legacyTwins: Readonly<Record<string, readonly string[]>> = {
  '0x38': ['8'],
  '0x39': ['1'],
  '0x40': ['9'],
  '0x41': ['2'],
  // One reason for all that can be wrong with a PASID directory or entry.
  '0x50': ['0x58'],
  '0x51': ['0x58'],
  '0x59': ['0x58'],
  '0x5b': ['0x58'],
  '0x71': ['5', '6'],
  '0x79': ['5', '6'],
  '0x84': ['4'],
  '0x85': ['5'],
  '0x86': ['6'],
};

/**
 * Every reason seen is predicted as it is, or is what QEMU says for a predicted one, or among `further`. Reasons of a cell stand
 * in one text.
 */
export function isLegacyTwin(
  predicted: readonly string[],
  observed: string,
  further: readonly string[] = [],
): boolean {
  const allowed = predicted
    .flatMap((one) => one.split(' '))
    .flatMap((one) => [one, ...(legacyTwins[one] ?? [])]);
  return observed.split(' ').every((one) => allowed.includes(one) || further.includes(one));
}
