import { ConfigReader, hexToBytes } from '@quiesce/machine';
import type { FaultGroup, LoggedKernel } from '../diagnosis.ts';
import { CauseCase } from './cause-case.ts';
import { factText } from './fact-text.ts';
import { countOf, eventLines, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes that come of copying the dead kernel's tables, or of not being able to. */
export function copiedTables(facts: LogFacts): CauseCase[] {
  return facts.crashKernels.flatMap((kernel) => {
    const groups = facts.vtdDma().filter((group) => group.kernel === kernel.index);
    return [
      copyFailed(facts, kernel, groups),
      modeMismatch(facts, kernel, groups),
      ...(kernel.dmaTables === 'copied' ? overCopies(facts, kernel, groups) : []),
      deviceTranslations(facts, kernel),
    ];
  });
}

function copyFailed(facts: LogFacts, kernel: LoggedKernel, groups: readonly FaultGroup[]): CauseCase {
  const result = new CauseCase('copy-failed');
  const failed = facts.events('tables-copy-failed').filter((event) => event.kernel === kernel.index);
  if (failed.length === 0) return result;
  result.clue(0.75, 'the kernel says that copying failed', eventLines(failed));
  if (groups.length > 0) result.clue(0.4, `${countOf(groups)} faults follow`, linesOf(groups));
  return result;
}

function modeMismatch(facts: LogFacts, kernel: LoggedKernel, groups: readonly FaultGroup[]): CauseCase {
  const result = new CauseCase('mode-mismatch');
  const failed = facts.events('tables-copy-failed').filter((event) => event.kernel === kernel.index);
  const scalable = modeOf(facts, kernel);
  const before = facts.diagnosis.kernels.findLast((one) => one.index < kernel.index);
  const was = before === undefined ? undefined : modeOf(facts, before);
  if (failed.length > 0) result.clue(0.35, 'the copy was refused', eventLines(failed));
  if (was !== undefined && scalable !== undefined && was !== scalable) {
    result.clue(
      0.6,
      `the kernel before ran in ${was} mode and this one in ${scalable} mode, by their command lines`,
      [before?.firstLine ?? 1, kernel.firstLine],
    );
  }
  if (was === 'scalable' && facts.behaves(kernel.index, 'takes-scalable-for-legacy') === true) {
    result.clue(0.6, factText('takes-scalable-for-legacy'), [kernel.firstLine]);
  }
  const odd = groups.filter(
    (group) => (group.example.reason ?? 0) >= 0x30 && (group.example.reason ?? 0) <= 0x32,
  );
  if (odd.length > 0) result.clue(0.5, 'faults say that the mode does not fit the request', linesOf(odd));
  const ofScalable = groups.filter(isScalableReason);
  if (ofScalable.length > 0 && facts.behaves(kernel.index, 'takes-scalable-for-legacy') === true) {
    result.clue(
      0.55,
      'the unit still runs in scalable mode, by the reasons of its faults',
      linesOf(ofScalable),
    );
    if (was === undefined) result.clue(0.4, factText('takes-scalable-for-legacy'), [kernel.firstLine]);
  }
  if (was !== undefined && was === scalable) result.doubt(0.8, 'both kernels ask for the same mode');
  return result;
}

function modeOf(facts: LogFacts, kernel: LoggedKernel): 'scalable' | 'legacy' | undefined {
  const words = facts.parameter(kernel.index, 'intel_iommu')?.split(',') ?? [];
  if (words.includes('sm_on')) return 'scalable';
  if (words.includes('sm_off')) return 'legacy';
  return undefined;
}

function overCopies(facts: LogFacts, kernel: LoggedKernel, groups: readonly FaultGroup[]): CauseCase[] {
  const copied = facts.events('tables-copied').filter((event) => event.kernel === kernel.index);
  const upper = new CauseCase('upper-context-table-lost');
  const bus = new CauseCase('bus-not-copied');
  const running = new CauseCase('not-quiet-at-attach');
  const stale = new CauseCase('stale-translation-after-attach');
  const broken = new CauseCase('old-tables-overwritten');
  const absent = groups.filter((group) => [0x01, 0x39].includes(group.example.reason ?? 0));
  const buses = new Set(absent.map((group) => group.example.requester?.bus));
  const isUpper = absent.every((group) => (group.example.requester?.device ?? 0) >= 0x10);
  const lines = eventLines(copied);
  if (absent.length > 0 && isUpper) {
    upper.clue(
      0.5,
      `the root entry is absent for ${requestersOf(absent)} alone, all from device 10 on`,
      linesOf(absent),
    );
    upper.clue(0.2, 'the tables were copied', lines);
    if (absent.some((group) => group.example.reason === 0x39))
      upper.clue(0.3, 'the unit is in scalable mode (reason 0x39)');
    const known = facts.behaves(kernel.index, 'misplaces-upper-context-table');
    if (known === true) upper.clue(0.5, factText('misplaces-upper-context-table'), [kernel.firstLine]);
    if (known === false) upper.doubt(0.7, 'this kernel version does not have the defect, as far as is known');
  }
  if (absent.length > 0 && buses.size === 1) {
    bus.clue(0.45, `root entry absent on one bus only, for ${requestersOf(absent)}`, linesOf(absent));
    bus.clue(0.2, 'the tables were copied', lines);
    if (facts.diagnosis.faults.suppressed > 0)
      bus.doubt(0.3, 'messages were suppressed: other buses may fault unseen');
    if (groups.length > absent.length) bus.doubt(0.3, 'devices of other buses fault for other reasons');
  }
  const refused = groups.filter((group) =>
    [0x05, 0x06, 0x02, 0x41, 0x78, 0x79].includes(group.example.reason ?? 0),
  );
  if (refused.length > 0) {
    running.clue(0.45, `tables were copied, and ${requestersOf(refused)} was refused afterwards`, [
      ...lines,
      ...linesOf(refused),
    ]);
    if (refused.every((group) => group.phase === 'drivers' || group.phase === 'running'))
      running.clue(0.4, 'the faults stand where drivers attach', linesOf(refused.slice(0, 1)));
    if (countOf(refused) < 50 && facts.diagnosis.faults.suppressed < 100) running.clue(0.2, 'they are few');
    else running.doubt(0.3, 'they are many for a device that its driver is about to reset');
  }
  if (groups.length > 0) {
    const scalable = modeOf(facts, kernel) === 'scalable' || groups.some((group) => isScalableReason(group));
    const behaviour = scalable ? 'flushes-wrong-domain' : 'no-flush-at-attach';
    if (facts.behaves(kernel.index, behaviour) === true)
      stale.clue(0.35, factText(behaviour), [kernel.firstLine]);
  }
  const malformed = facts.vtd('malformed').filter((group) => group.kernel === kernel.index);
  if (malformed.length > 0)
    broken.clue(
      0.6,
      `malformed entries for ${requestersOf(malformed)} in tables that were copied`,
      linesOf(malformed),
    );
  return [upper, bus, running, stale, broken];
}

/** Reasons from 0x30 on exist in scalable mode only (VT-d 7.1.3). */
function isScalableReason({ example: { kind, reason = 0 } }: FaultGroup): boolean {
  return kind === 'dma' && reason >= 0x30;
}

function deviceTranslations(facts: LogFacts, kernel: LoggedKernel): CauseCase {
  const result = new CauseCase('device-tlb-outlives-tables');
  const groups = facts
    .vtd('device-translations', 'process-address-space')
    .filter((group) => group.kernel === kernel.index);
  if (groups.length === 0) return result;
  const enabled = groups.filter((group) => hasTranslationCache(facts, group));
  if (enabled.length > 0) result.clue(0.3, `the capture has ATS enabled for ${requestersOf(enabled)}`);
  return result.clue(
    0.6,
    `${requestersOf(groups)} uses translations or address spaces that this kernel has not set up`,
    linesOf(groups),
  );
}

/** ATS Control, Enable (PCI Express 10.5.1.3), in the capture. */
function hasTranslationCache(facts: LogFacts, group: FaultGroup): boolean {
  const names = facts.tie(group.example.requester)?.functions ?? [];
  return (facts.capture?.machine?.functions ?? []).some((one) => {
    const bytes = names.includes(one.name) ? hexToBytes(one.config) : undefined;
    if (bytes === undefined) return false;
    const config = new ConfigReader(bytes);
    const at = config.extendedCapability(0x0f);
    return at !== 0 && (config.u16(at + 6) & 0x8000) !== 0;
  });
}
