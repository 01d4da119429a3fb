import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultCacheDirectory } from '../cache/default-directory.ts';
import { readKallsyms } from './kallsyms.ts';
import { KernelSymbols } from './kernel-symbols.ts';
import { type KallsymsStyle, makeVmlinux } from './testing/make-kernel.ts';

const styles: readonly KallsymsStyle[] = [
  { offsets: 'first', sequences: false, encoding: 'negative-from-base' },
  { offsets: 'first', sequences: true, encoding: 'negative-from-base' },
  { offsets: 'last', sequences: false, encoding: 'negative-from-base' },
  { offsets: 'last', sequences: false, encoding: 'positive-from-base' },
  { offsets: 'last', sequences: false, encoding: 'relative-to-place' },
];

/** Numbers of which names are made: shrinking six hundred strings would take hours. */
const lengths = fc.array(fc.nat(150), { minLength: 600, maxLength: 900 });

describe('symbols of a kernel', () => {
  it.each(styles)('are read out of its own tables: %o', (style) => {
    fc.assert(
      fc.property(lengths, (all) => {
        const symbols = all.map((length, index): [string, number] => [
          index === 0 ? '_text' : `init_${index}_${'abcde'.repeat(30).slice(0, length)}`,
          0x100_0000 + 24 * index,
        ]);
        const read = readKallsyms(makeVmlinux(symbols, style));
        expect(read).toBeDefined();
        expect(symbols.map(([name]) => read!.offset(name))).toEqual(symbols.map(([, offset]) => offset));
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it('that do not put _text where the first segment is are not believed', () => {
    const symbols = Array.from({ length: 600 }, (_, index): [string, number] => [
      index === 0 ? '_text' : `name_${index}`,
      0x100_0010 + 16 * index,
    ]);
    expect(readKallsyms(makeVmlinux(symbols, styles[0]!))).toBeUndefined();
  });

  it('are undefined in a kernel without tables', () => {
    const symbols = Array.from({ length: 600 }, (_, index): [string, number] => [
      `name_${index}`,
      16 * index,
    ]);
    const vmlinux = makeVmlinux(symbols, styles[0]!);
    vmlinux.fill(0, vmlinux.indexOf('0\x001\x002\x00', 0, 'latin1'));
    expect(readKallsyms(vmlinux)).toBeUndefined();
  });

  const cached = labKernels();
  it.skipIf(cached.length === 0)(
    'of real kernels are those that were cached (needs kernels in the cache)',
    () => {
      const directory = cached[0]!;
      const read = readKallsyms(readFileSync(join(directory, 'vmlinux')));
      const symbols = KernelSymbols.fromText(readFileSync(join(directory, 'symbols'), 'utf8'));
      expect(read?.size).toBe(symbols.size);
      for (const name of [
        'machine_kexec',
        'setup_arch',
        'pci_iommu_init',
        '__initcall0_start',
        'boot_command_line',
      ]) {
        expect(read?.virtual(name)).toMatch(/^ffffffff8[0-9a-f]{7}$/);
        expect(read?.virtual(name)).toBe(symbols.virtual(name));
      }
    },
  );
});

function labKernels(): string[] {
  const kernels = join(defaultCacheDirectory(), 'kernel');
  return existsSync(kernels) ? readdirSync(kernels).map((name) => join(kernels, name)) : [];
}
