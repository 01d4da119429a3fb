import type { FaultGroup, LoggedKernel } from '../diagnosis.ts';
import { addressClass } from './address-classes.ts';
import { CauseCase } from './cause-case.ts';
import { factText } from './fact-text.ts';
import { countOf, eventLines, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes that come of tables which the crash kernel built anew. */
export function rebuiltTables(facts: LogFacts): CauseCase[] {
  const ofCrashKernels = facts.crashKernels.flatMap((kernel) => {
    const inIt = (group: FaultGroup): boolean => group.kernel === kernel.index;
    const refused = facts.vtd('not-present', 'no-permission').filter(inIt);
    const rebuilt = new CauseCase('tables-rebuilt-under-dma');
    const raw = new CauseCase('raw-addresses');
    const undriven = new CauseCase('undriven-device-goes-on');
    const built = tablesWereRebuilt(facts, kernel);
    if (refused.length > 0 && built !== undefined) {
      rebuilt.clue(built.weight, built.says, built.lines);
      rebuilt.clue(
        0.5,
        `${countOf(refused)} requests of ${requestersOf(refused)} were refused for want of an entry or a permission`,
        linesOf(refused),
      );
      if (refused.some((group) => group.phase === 'dma-remapping-setup' || group.phase === 'drivers')) {
        rebuilt.clue(
          0.4,
          'they begin where DMA remapping is set up or drivers load',
          linesOf(refused.slice(0, 1)),
        );
      }
      if (refused.some((group) => addressClass(group) === 'allocated')) {
        rebuilt.clue(0.3, 'their addresses are ones that the kernel before gave out');
      }
    }
    if (kernel.dmaTables === 'copied') rebuilt.doubt(0.95, 'this kernel copied the tables');
    if (kernel.dmaTables === 'copy-failed') rebuilt.doubt(0.3, 'it tried to copy first: see why that failed');
    rawAddresses(facts, kernel, raw);
    undrivenDevice(facts, kernel, refused, undriven);
    return [rebuilt, raw, undriven];
  });
  return [...ofCrashKernels, ...excerpt(facts)];
}

/** Shapes of lines that kernels before 4.2 print, and no later ones. */
const BEFORE_COPYING: readonly string[] = ['F1', 'F2', 'F3'];

/** A few lines without the start of their kernel: an address that was given out, for a requester without an entry. */
function excerpt(facts: LogFacts): CauseCase[] {
  const { kernels } = facts.diagnosis;
  if (kernels.some((kernel) => kernel.role !== 'only' || kernel.release !== undefined)) return [];
  const groups = facts
    .vtd('not-present')
    .filter((group) => group.example.kind === 'dma' && addressClass(group) === 'allocated');
  if (groups.length === 0) return [];
  const result = new CauseCase('tables-rebuilt-under-dma').clue(
    0.45,
    `${requestersOf(groups)} has no entry, and its address is one that a kernel gave out: another one than this, perhaps`,
    linesOf(groups),
  );
  if (groups.some((group) => BEFORE_COPYING.includes(group.example.shape)))
    result.clue(0.35, 'the lines are of a kernel before 4.2, which rebuilds tables');
  return [result.doubt(0.25, 'nothing in the log says that it is a crash kernel')];
}

function tablesWereRebuilt(
  facts: LogFacts,
  kernel: LoggedKernel,
): { weight: number; says: string; lines: number[] } | undefined {
  const notKdump = facts.events('enabled-but-not-kdump').filter((event) => event.kernel === kernel.index);
  if (notKdump.length > 0)
    return {
      weight: 0.7,
      says: 'the kernel says that translation was enabled and that it is not in kdump mode, which is to build new tables',
      lines: eventLines(notKdump),
    };
  if (kernel.dmaTables === 'rebuilt')
    return { weight: 0.6, says: 'the tables were built anew', lines: [kernel.firstLine] };
  if (kernel.dmaTables === 'copy-failed')
    return { weight: 0.5, says: 'copying failed, so the tables were built anew', lines: [kernel.firstLine] };
  if (facts.behaves(kernel.index, 'rebuilds-tables') === true) {
    const doubt = facts.origin(kernel.index)?.isDistribution === true ? 0.4 : 0.6;
    return { weight: doubt, says: factText('rebuilds-tables'), lines: [kernel.firstLine] };
  }
  return undefined;
}

function rawAddresses(facts: LogFacts, kernel: LoggedKernel, raw: CauseCase): void {
  const off = facts.parameter(kernel.index, 'intel_iommu') === 'off';
  const inKernel = (event: { readonly kernel: number }): boolean => event.kernel === kernel.index;
  const notKdump = facts.events('enabled-but-not-kdump').filter(inKernel);
  const trouble = facts.events('system-error', 'aer', 'kernel-bug').filter(inKernel);
  if (off) raw.clue(0.3, 'intel_iommu=off stands on its command line', [kernel.firstLine]);
  if (notKdump.length > 0) raw.clue(0.25, 'translation was on and is turned off first', eventLines(notKdump));
  else if (facts.behaves(kernel.index, 'translation-off-first') === true && kernel.dmaTables !== 'copied')
    raw.clue(0.25, factText('translation-off-first'), [kernel.firstLine]);
  if (raw.clues.length === 0) return;
  if (trouble.length > 0)
    raw.clue(0.4, 'errors that are no DMA faults stand in this kernel', eventLines(trouble));
  else
    raw.doubt(
      0.3,
      'no error besides DMA faults is in the log: untranslated requests hit nothing that complained',
    );
  const alive = facts.groups.some((group) => group.kernel === kernel.index && group.example.kind === 'dma');
  if (alive) raw.clue(0.2, 'devices still mastered the bus in this kernel, as its faults show');
}

/** A requester whose faults go on to the end, with no driver that names it. */
function undrivenDevice(
  facts: LogFacts,
  kernel: LoggedKernel,
  refused: readonly FaultGroup[],
  undriven: CauseCase,
): void {
  const late = refused.filter((group) => group.phase === 'running');
  if (late.length === 0) return;
  const undrivenGroups = late.filter((group) => {
    const functions = facts.tie(group.example.requester)?.functions ?? [];
    return !facts
      .events('driver-failure')
      .some((event) => event.kernel === kernel.index && functions.includes(event.device ?? ''));
  });
  if (undrivenGroups.length === 0) return;
  undriven.clue(
    0.35,
    `${requestersOf(undrivenGroups)} still faults after drivers have loaded`,
    linesOf(undrivenGroups),
  );
  if (facts.diagnosis.faults.suppressed > 1000) {
    undriven.clue(
      0.2,
      `${facts.diagnosis.faults.suppressed} further messages were suppressed: it does not stop`,
    );
  }
  const span = Math.max(
    ...undrivenGroups.map(({ firstSeconds, lastSeconds }) => (lastSeconds ?? 0) - (firstSeconds ?? 0)),
  );
  if (span > 5) undriven.clue(0.3, `its faults go on for ${Math.round(span)} s`);
}
