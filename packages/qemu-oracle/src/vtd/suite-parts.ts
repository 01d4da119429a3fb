import type fc from 'fast-check';
import { compileProgram } from './compile-program.ts';
import { type DmaDeviation, legacyDmaDeviations, scalableUnitLegacyDeviations } from './dma-deviations.ts';
import { randomInterrupts } from './random-interrupts.ts';
import { randomProgram } from './random-program.ts';
import { randomRegisters } from './random-registers.ts';
import { scalableDmaDeviations } from './scalable-deviations.ts';
import type { Scenario } from './scenario.ts';
import {
  plainUnit,
  richUnit,
  scalableUnit,
  scalableUnitInLegacyMode,
  type UnitDescription,
} from './unit-description.ts';

/** A unit under test, with the ways in which QEMU's is known not to be hardware. */
export interface TestedUnit {
  readonly description: UnitDescription;
  readonly deviations: readonly DmaDeviation[];
}

/** One kind of random scenarios, on one unit. */
export interface SuitePart {
  /** First word of a path, e.g. `legacy` in `legacy:17:0:1`. */
  readonly name: string;
  readonly unit: TestedUnit;
  /** Its part of all cases, percent. */
  readonly share: number;
  readonly scenarios: fc.Arbitrary<Scenario>;
}

/** All units, by the name under which corpus files know them. */
export const testedUnits: readonly TestedUnit[] = [
  { description: plainUnit, deviations: legacyDmaDeviations },
  { description: richUnit, deviations: legacyDmaDeviations },
  { description: scalableUnit, deviations: scalableDmaDeviations },
  { description: scalableUnitInLegacyMode, deviations: scalableUnitLegacyDeviations },
];

const [plain, rich, scalable, scalableLegacy] = testedUnits as unknown as readonly [
  TestedUnit,
  TestedUnit,
  TestedUnit,
  TestedUnit,
];

function programs(unit: TestedUnit, levels: readonly number[]): fc.Arbitrary<Scenario> {
  const { mode, addressBits } = unit.description;
  return randomProgram(mode !== 0, levels).map((program) => compileProgram(program, addressBits));
}

/** In the order in which they run: parts of one unit share a QEMU. */
export const suiteParts: readonly SuitePart[] = [
  { name: 'legacy', unit: plain, share: 30, scenarios: programs(plain, [3]) },
  { name: 'interrupts', unit: plain, share: 8, scenarios: randomInterrupts(false) },
  { name: 'registers', unit: plain, share: 4, scenarios: randomRegisters() },
  { name: 'legacy-48', unit: rich, share: 20, scenarios: programs(rich, [3, 4]) },
  { name: 'interrupts-x2apic', unit: rich, share: 8, scenarios: randomInterrupts(true) },
  { name: 'scalable', unit: scalable, share: 25, scenarios: programs(scalable, [3, 4]) },
  { name: 'legacy-on-scalable', unit: scalableLegacy, share: 5, scenarios: programs(scalableLegacy, [3, 4]) },
];
