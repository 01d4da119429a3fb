import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { preset } from '@quiesce/machine';
import type { Strategy, StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';

const folder = fileURLToPath(new URL('../../../../../shared/ground-truth/', import.meta.url));
const nothing: Strategy = { name: 'nothing', description: 'Does nothing.', sources: [] };
const idle: StrategyPlugin = { ...nothing, create: () => nothing };

const captured = [
  { file: 'dmesg-first.txt', kernel: 'linux-6', which: 1 },
  { file: 'dmesg-second-a-copied-tables.txt', kernel: 'linux-6', which: 2 },
  { file: 'dmesg-second-b-no-copy.txt', kernel: 'linux-6-no-copy', which: 2 },
  { file: 'dmesg-second-c-iommu-off.txt', kernel: 'linux-6-iommu-off', which: 2 },
] as const;

/** Lines of the remapping driver, without the faults, which depend on when the handler ran. */
function remappingLines(lines: readonly string[]): string[] {
  return lines.filter((line) => /^DMAR/.test(line) && !/DRHD: handling|\[DMA|INTR-REMAP/.test(line));
}

/** Enumeration: functions, and bridges as they are first met. */
function enumerationLines(lines: readonly string[]): string[] {
  const found = lines.filter((line) => /^PCI host bridge|^pci [0-9a-f:.]+: (\[|PCI bridge to)/.test(line));
  return [...new Set(found)];
}

describe.skipIf(!existsSync(folder))('logs of a real kernel (skipped where ../shared is absent)', () => {
  it.each(captured)('$file: the same lines in the same order', ({ file, kernel, which }) => {
    const real = readFileSync(folder + file, 'latin1')
      .split('\n')
      .map((line) => line.replace(/^\[ *[0-9.]+\] /, '').trimEnd());
    const { world } = crash({ machine: preset('q35-lab'), strategy: idle, kernel, seed: 1 });
    const ours = world.log.lines.filter((line) => line.kernel === which).map((line) => line.text);
    expect(remappingLines(ours)).toEqual(remappingLines(real));
    expect(enumerationLines(ours)).toEqual(enumerationLines(real));
    if (which === 1) expect(ours).toContain(real.find((line) => line.startsWith('Reserving ')));
    else {
      const window = real.find((line) => line.startsWith('PCI: MMCONFIG for domain'));
      expect(ours).toContain(window);
    }
  });
});
