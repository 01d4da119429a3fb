import type { CauseFinding } from './clue.ts';
import { copiedTables } from './copied-tables.ts';
import { crashKernel } from './crash-kernel.ts';
import { drivers } from './drivers.ts';
import { firmware } from './firmware.ts';
import { firmwareMemory } from './firmware-memory.ts';
import { graphics } from './graphics.ts';
import { interrupts } from './interrupts.ts';
import type { LogFacts } from './log-facts.ts';
import { otherUnits } from './other-units.ts';
import { rebuiltTables } from './rebuilt-tables.ts';
import { requesterIds } from './requester-ids.ts';
import { unfitTables } from './unfit-tables.ts';

/** Looks for causes of one family; what has no clue is left out of the ranking. */
export type CauseSearch = (facts: LogFacts) => CauseFinding[];

/** Every search, in no order that matters. */
export const searches: readonly CauseSearch[] = [
  rebuiltTables,
  copiedTables,
  interrupts,
  crashKernel,
  firmware,
  firmwareMemory,
  graphics,
  requesterIds,
  drivers,
  unfitTables,
  otherUnits,
];
