import type { FaultGroup } from '../diagnosis.ts';
import { CauseCase } from './cause-case.ts';
import { factText } from './fact-text.ts';
import { countOf, eventLines, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes of blocked, lost and stale interrupts. */
export function interrupts(facts: LogFacts): CauseCase[] {
  return [
    timerCheck(facts),
    staleInterrupts(facts),
    oldFormatOfIoApic(facts),
    notRemapped(facts),
    vmdMessages(facts),
    sourceMismatch(facts),
    afterFree(facts),
    storm(facts),
  ];
}

function timerCheck(facts: LogFacts): CauseCase {
  const result = new CauseCase('timer-check-panic');
  const failed = facts.events('timer-check-failed');
  if (failed.length === 0) return result;
  result.clue(
    0.6,
    'the check of the timer failed: it does not work through the I/O APIC',
    eventLines(failed),
  );
  const inCrash = failed.some((event) => facts.isCrashKernel(event.kernel));
  if (inCrash) result.clue(0.6, 'it is a crash kernel that failed', [facts.crashKernels[0]?.firstLine ?? 1]);
  else result.doubt(0.5, 'nothing says that this is a crash kernel: firmware may be at fault instead');
  const stale = failed.flatMap((event) => {
    const kernel = facts.kernel(event.kernel);
    return kernel?.inventory.lines.filter(({ text }) => text.includes('Stale IRR')) ?? [];
  });
  if (stale.length > 0)
    result.clue(
      0.3,
      'the local APIC reports stale interrupts',
      stale.map((one) => one.line),
    );
  return result;
}

function staleInterrupts(facts: LogFacts): CauseCase {
  const result = new CauseCase('stale-interrupts');
  const failed = facts.events('interrupt-table-copy-failed');
  if (failed.length > 0)
    result.clue(
      0.4,
      'the interrupt table could not be copied: what still interrupts meets an empty one',
      eventLines(failed),
    );
  const groups = facts.vtdInterrupts().filter((group) => facts.isCrashKernel(group.kernel));
  if (groups.length === 0) return result;
  result.clue(
    0.6,
    `${countOf(groups)} interrupts of ${requestersOf(groups)} were blocked in a crash kernel`,
    linesOf(groups),
  );
  const kernel = facts.kernel(groups[0]?.example.kernel ?? 0);
  if (kernel?.interruptTables === 'rebuilt' || kernel?.interruptTables === 'copy-failed')
    result.clue(0.5, 'its interrupt table was built anew', [kernel.firstLine]);
  if (kernel?.interruptTables === 'copied') result.doubt(0.4, 'its interrupt table was copied');
  if (facts.behaves(kernel?.index ?? 0, 'rebuilds-tables') === true)
    result.clue(0.3, factText('rebuilds-tables'));
  return result;
}

/** Blocked for their format, in kernels that nothing shows to be crash kernels. */
function ofOldFormat(facts: LogFacts): FaultGroup[] {
  return facts.vtd('interrupt-format').filter((group) => !facts.isCrashKernel(group.kernel));
}

/** No machine numbers its buses so high but for interrupt controllers; VMD begins at e0, with a function 0 device 0. */
function looksLikeIoApic(facts: LogFacts, group: FaultGroup): boolean {
  const tie = facts.tie(group.example.requester);
  if (tie !== undefined) return tie.how === 'io-apic' || tie.how === 'hpet';
  const requester = group.example.requester;
  return requester !== undefined && requester.bus >= 0xf0 && requester.device >= 0x1c;
}

function isEarly(group: FaultGroup): boolean {
  const phases = ['early-boot', 'interrupt-remapping-setup'];
  return phases.includes(group.phase) || (group.firstSeconds ?? Number.POSITIVE_INFINITY) < 1;
}

function oldFormatOfIoApic(facts: LogFacts): CauseCase {
  const result = new CauseCase('io-apic-in-old-format');
  const groups = ofOldFormat(facts);
  const own = groups.filter((group) => looksLikeIoApic(facts, group));
  if (own.length > 0)
    result.clue(
      0.6,
      `${requestersOf(own)} is an I/O APIC's or timer's ID rather than a device's`,
      linesOf(own),
    );
  const early = groups.filter(isEarly);
  if (early.length > 0)
    result.clue(0.4, 'it came while interrupt remapping was being set up', linesOf(early));
  if (own.length === 0) result.doubt(0.5, 'the requester looks like an ordinary device');
  if (countOf(groups) > 4) result.doubt(0.4, 'it does not come once: something goes on sending');
  return result;
}

function notRemapped(facts: LogFacts): CauseCase {
  const result = new CauseCase('message-not-remapped');
  const groups = ofOldFormat(facts).filter((group) => !looksLikeIoApic(facts, group));
  if (groups.length === 0) return result;
  result.clue(0.55, `${requestersOf(groups)} sends messages of the compatibility format`, linesOf(groups));
  if (groups.some((group) => !isEarly(group) && (group.firstSeconds ?? 0) > 5))
    result.clue(0.3, 'at run time, long after remapping was set up');
  const bugs = facts.events('kernel-bug').filter((event) => event.text.includes('msi_compose'));
  if (bugs.length > 0) result.clue(0.3, 'the kernel warned while it composed a message', eventLines(bugs));
  const failures = groups.flatMap((group) => facts.near(group, 50, 'driver-failure'));
  if (failures.length > 0) result.clue(0.2, 'a driver misses an interrupt nearby', eventLines(failures));
  return result;
}

function vmdMessages(facts: LogFacts): CauseCase {
  const result = new CauseCase('vmd-messages-bypassed');
  const groups = ofOldFormat(facts).filter((group) => {
    const tie = facts.tie(group.example.requester);
    const { requester } = group.example;
    if (tie !== undefined) return tie.how === 'vmd-child';
    // Sky Lake and Cascade Lake have it at 05.5, Ice Lake and Sapphire Rapids at 00.5 of each root bus but the first.
    const isUsualPlace = requester?.fn === 5 && (requester.device === 0 || requester.device === 5);
    const isChild = requester !== undefined && requester.bus >= 0xe0 && requester.bus < 0xf0;
    return (isUsualPlace && requester.bus > 0) || isChild;
  });
  if (groups.length === 0) return result;
  const tied = groups.some((group) => facts.tie(group.example.requester)?.how === 'vmd-child');
  result.clue(
    tied ? 0.6 : 0.4,
    tied
      ? `${requestersOf(groups)} is a volume management device or stands behind one`
      : `${requestersOf(groups)} is where servers have a volume management device, or numbers its children`,
    linesOf(groups),
  );
  const kernel = groups[0]?.kernel ?? 0;
  const known = facts.behaves(kernel, 'vmd-bypasses-remapping');
  if (known === true)
    result.clue(0.45, factText('vmd-bypasses-remapping'), [facts.kernel(kernel)?.firstLine ?? 1]);
  if (known === false)
    result.doubt(0.5, 'this kernel version does not bypass that remapping, as far as is known');
  const bugs = facts.events('kernel-bug').filter((event) => event.text.includes('msi_compose'));
  if (bugs.length > 0) result.clue(0.45, 'the kernel warned while it composed a message', eventLines(bugs));
  return result;
}

function sourceMismatch(facts: LogFacts): CauseCase {
  const result = new CauseCase('interrupt-source-mismatch');
  const groups = facts.vtd('interrupt-source');
  if (groups.length === 0) return result;
  result.clue(0.6, `${requestersOf(groups)} used an entry of another requester`, linesOf(groups));
  const aliases = groups.filter((group) =>
    ['bridge-alias', 'phantom-function'].includes(facts.tie(group.example.requester)?.how ?? ''),
  );
  if (aliases.length > 0) result.clue(0.3, 'the requester is an alias');
  return result;
}

/** Entries that are absent in kernels that nothing shows to be crash kernels. */
function afterFree(facts: LogFacts): CauseCase {
  const result = new CauseCase('interrupt-after-free');
  const groups = facts.vtd('interrupt-absent').filter((group) => !facts.isCrashKernel(group.kernel));
  if (groups.length === 0) return result;
  result.clue(
    0.55,
    `${requestersOf(groups)} interrupts through an entry that is not in use`,
    linesOf(groups),
  );
  const removed = groups.flatMap((group) => facts.near(group, 100, 'hot-unplug', 'driver-failure'));
  if (removed.length > 0)
    result.clue(0.3, 'a device was removed or its driver failed nearby', eventLines(removed));
  return result;
}

function storm(facts: LogFacts): CauseCase {
  const result = new CauseCase('interrupt-storm');
  const { suppressed } = facts.diagnosis.faults;
  const hangs = facts.events('hang');
  const kernels = new Set(facts.groups.map((group) => group.kernel));
  const hung = hangs.filter((event) => kernels.has(event.kernel) || facts.isCrashKernel(event.kernel));
  if (suppressed >= 1000) {
    const events = facts.events('suppressed').filter((event) => (event.count ?? 0) > 0);
    result.clue(0.3, `${suppressed} fault messages were suppressed: a flood`, eventLines(events));
  }
  if (hung.length > 0) result.clue(0.4, 'the processor or a task hangs', eventLines(hung));
  if (hung.length === 0) result.doubt(0.3, 'nothing in the log hangs');
  return result;
}
