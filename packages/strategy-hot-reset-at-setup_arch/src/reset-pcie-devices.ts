import type { Type1ConfigAccess } from '@quiesce/strategy';
import type { EarlyFunction } from './early-function.ts';
import { enableIntxWithoutMsi } from './enable-intx.ts';
import { resetSecondaryBus } from './reset-secondary-bus.ts';
import { type ResetTarget, resetTargetAt } from './reset-target.ts';
import { restoreConfig, type SavedConfig, saveConfig, savedBytes } from './saved-config.ts';
import { scan } from './scan.ts';

/** Room for what is saved of one function: 16 dwords of header, four control registers. */
const FUNCTION_BYTES = 72;
/** A device has at most eight functions; before version 6, room is made for all of them. */
const BLOCK_BYTES = 8 * FUNCTION_BYTES;

/** Where the reset runs, and what the options and the version have decided. */
export interface ResetRun {
  readonly type1: Type1ConfigAccess;
  readonly log: (line: string) => void;
  readonly delay: (ms: number) => void;
  readonly allocate: (bytes: number) => void;
  readonly waitMs: number;
  readonly scanAllBuses: boolean;
  readonly skipDisplay: boolean;
  /** Reset the port once for each function below it, or once for all. */
  readonly resetPerFunction: boolean;
  readonly enableIntx: boolean;
}

/**
 * Versions 1 to 3: port by port, all of it, as the scan gets there; so N times the wait. From version 3 on the room for
 * saved registers is allocated once and not for each port.
 */
export function resetPortByPort(run: ResetRun, allocateOnce: boolean): void {
  if (allocateOnce) run.allocate(BLOCK_BYTES);
  for (const each of scan(run.type1, run.scanAllBuses)) {
    const target = resetTargetAt(run.type1, each, run.skipDisplay, run.log);
    if (target === undefined) continue;
    if (!allocateOnce) run.allocate(BLOCK_BYTES);
    for (const functions of unitsOf(run, target)) {
      const saved = save(run, functions);
      reset(run, target.port);
      run.delay(run.waitMs);
      restore(run, saved);
    }
  }
}

/**
 * Version 4: saves and resets as the scan gets there, waits once, and restores all. What the scan looks at meanwhile may
 * be in the hold-off of an earlier reset, and then reads as all ones.
 */
export function resetWhileScanning(run: ResetRun): void {
  const saved: SavedConfig[] = [];
  for (const each of scan(run.type1, run.scanAllBuses)) {
    const target = resetTargetAt(run.type1, each, run.skipDisplay, run.log);
    if (target === undefined) continue;
    run.allocate(BLOCK_BYTES);
    for (const functions of unitsOf(run, target)) {
      saved.push(...save(run, functions));
      reset(run, target.port);
    }
  }
  if (saved.length === 0) return;
  run.delay(run.waitMs);
  restore(run, saved);
}

/**
 * Versions 5 and 6: everything is scanned and saved before the first reset; one wait. Version 6 allocates what it needs
 * (`exact`), as its early devices do.
 */
export function resetAfterSavingAll(run: ResetRun, exact: boolean): void {
  const targets: ResetTarget[] = [];
  for (const each of scan(run.type1, run.scanAllBuses)) {
    const target = resetTargetAt(run.type1, each, run.skipDisplay, run.log);
    if (target !== undefined) targets.push(target);
  }
  if (targets.length === 0) return;
  const saved = targets.flatMap(({ functions }) => save(run, functions));
  const bytes = saved.reduce((sum, each) => sum + savedBytes(each), 0);
  run.allocate(exact ? bytes : targets.length * BLOCK_BYTES);
  for (const { port } of targets) reset(run, port);
  run.delay(run.waitMs);
  restore(run, saved);
}

/** The functions that are saved before each reset of the port. */
function unitsOf({ resetPerFunction }: ResetRun, { functions }: ResetTarget): readonly EarlyFunction[][] {
  return resetPerFunction ? functions.map((each) => [each]) : [[...functions]];
}

function save({ type1 }: ResetRun, functions: readonly EarlyFunction[]): SavedConfig[] {
  return functions.map((each) => saveConfig(type1, each));
}

function reset({ type1, delay, log }: ResetRun, port: EarlyFunction): void {
  log(`pci ${port.name}: resetting the bus below`);
  resetSecondaryBus(type1, delay, port);
}

function restore({ type1, log, enableIntx }: ResetRun, saved: readonly SavedConfig[]): void {
  for (const each of saved) {
    if (!restoreConfig(type1, each)) log(`pci ${each.function.name}: does not answer after the reset`);
    else if (enableIntx) enableIntxWithoutMsi(type1, each.function);
  }
}
