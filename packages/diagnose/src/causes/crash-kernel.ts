import { CauseCase } from './cause-case.ts';
import { factText } from './fact-text.ts';
import { eventLines, type LogFacts, linesOf } from './log-facts.ts';

/** What goes wrong in a crash kernel beside its tables. */
export function crashKernel(facts: LogFacts): CauseCase[] {
  return [
    systemError(facts),
    outOfMemory(facts),
    driverNeedsReset(facts),
    deviceLost(facts),
    groupAttach(facts),
    hangAtReboot(facts),
    stopsWithoutWord(facts),
    dumpFailed(facts),
    invalidation(facts),
    unit(facts),
  ];
}

/** Messages by which a system error may come before the fault that it is of. */
const SERR_BEFORE_FAULT = 20;

function systemError(facts: LogFacts): CauseCase {
  const result = new CauseCase('system-error');
  const errors = facts.events('system-error');
  if (errors.length === 0) return result;
  result.clue(0.5, 'the platform reported a system error', eventLines(errors));
  // An NMI is printed at once, the fault behind it only when the unit's interrupt is handled.
  const beside = facts.groups.filter((group) =>
    errors.some(
      (event) =>
        event.kernel === group.kernel && event.line >= group.firstLine - facts.lines(SERR_BEFORE_FAULT),
    ),
  );
  if (beside.length > 0) result.clue(0.5, 'faults stand beside it', linesOf(beside));
  else result.doubt(0.3, 'no fault stands beside it: another error may be behind it, or its report was lost');
  if (errors.some((event) => facts.isCrashKernel(event.kernel))) result.clue(0.3, 'it was in a crash kernel');
  return result;
}

function outOfMemory(facts: LogFacts): CauseCase {
  const result = new CauseCase('out-of-memory');
  const events = facts.events('out-of-memory').filter((event) => facts.isCrashKernel(event.kernel));
  if (events.length === 0) return result;
  result.clue(0.75, 'memory ran out in the crash kernel', eventLines(events));
  const failed = facts.events('dump-failed');
  if (failed.length > 0) result.clue(0.3, 'the dump failed', eventLines(failed));
  return result;
}

function driverNeedsReset(facts: LogFacts): CauseCase {
  const result = new CauseCase('driver-needs-reset');
  const failures = facts.events('driver-failure').filter((event) => facts.isCrashKernel(event.kernel));
  if (failures.length === 0) return result;
  result.clue(0.5, `drivers failed in the crash kernel`, eventLines(failures));
  const kernel = failures[0]?.kernel ?? 0;
  const hasCommandLine = facts.kernel(kernel)?.commandLine !== undefined;
  if (hasCommandLine && facts.parameter(kernel, 'reset_devices') === undefined)
    result.clue(0.4, 'reset_devices is not on its command line', [facts.kernel(kernel)?.firstLine ?? 1]);
  else if (hasCommandLine)
    result.doubt(0.2, 'reset_devices is on its command line: the driver may not heed it');
  return result;
}

function deviceLost(facts: LogFacts): CauseCase {
  const result = new CauseCase('device-lost-after-reset');
  const lost = facts
    .events('driver-failure')
    .filter((event) => facts.isCrashKernel(event.kernel) && /power state from D3cold to D0/.test(event.text));
  if (lost.length > 0)
    result.clue(0.65, 'functions do not answer any more in the crash kernel', eventLines(lost));
  if (lost.length > 2) result.clue(0.3, 'several at once: a bridge above them, rather than each alone');
  return result;
}

function groupAttach(facts: LogFacts): CauseCase {
  const result = new CauseCase('group-attach-refused');
  const kernel = facts.crashKernels.find(
    (one) => one.dmaTables === 'copied' && facts.behaves(one.index, 'refuses-group-attach') === true,
  );
  if (kernel === undefined) return result;
  result.clue(0.35, factText('refuses-group-attach'), [kernel.firstLine]);
  const failures = facts.events('driver-failure').filter((event) => event.kernel === kernel.index);
  if (failures.length > 0) result.clue(0.4, 'drivers fail in it', eventLines(failures));
  else result.doubt(0.6, 'no driver fails');
  const groups = facts.capture?.host.iommuGroups ?? {};
  const shared = failures.filter(({ device }) => {
    const own = device === undefined ? undefined : groups[device]?.value;
    return own !== undefined && Object.values(groups).filter((one) => one.value === own).length > 1;
  });
  if (shared.length > 0)
    result.clue(0.4, 'the capture has the failing function in a group with others', eventLines(shared));
  return result;
}

function hangAtReboot(facts: LogFacts): CauseCase {
  const result = new CauseCase('hang-at-reboot');
  const saved = facts.events('dump-saved').at(-1);
  if (saved === undefined) return result;
  const after = facts
    .events('hang', 'system-error', 'aer')
    .filter((event) => event.line > saved.line && event.kernel === saved.kernel);
  if (after.length === 0) return result;
  return result.clue(0.6, 'the dump was saved, and errors or a hang follow in the same kernel', [
    saved.line,
    ...eventLines(after),
  ]);
}

/** A crash kernel that is the last one of the log, and ends before it runs. */
function stopsWithoutWord(facts: LogFacts): CauseCase {
  const result = new CauseCase('stops-without-a-word');
  const kernel = facts.diagnosis.kernels.at(-1);
  if (kernel === undefined || kernel.role !== 'crash' || kernel.release === undefined) return result;
  const phase = kernel.phases.at(-1)?.phase;
  if (phase === undefined || phase === 'running' || phase === 'crash' || phase === 'unknown') return result;
  const told = facts
    .events('panic', 'timer-check-failed', 'dump-saved', 'dump-failed')
    .some((event) => event.kernel === kernel.index);
  if (told) return result;
  result.clue(0.45, 'the log ends in the crash kernel, before it ran its init', [kernel.lastLine]);
  const reset = facts.parameter(kernel.index, 'panic') !== undefined;
  if (phase === 'interrupt-remapping-setup' || phase === 'before-dma-remapping')
    result.clue(0.3, 'it ends where interrupt remapping had just been set up');
  if (facts.diagnosis.kernels.length === 1)
    result.doubt(0.5, 'the log may be an excerpt: it has this kernel only');
  if (reset) result.doubt(0.1, 'panic= stands on its command line: it may have rebooted');
  return result;
}

/** The dump failed, and nothing else in the log says why. */
function dumpFailed(facts: LogFacts): CauseCase {
  const result = new CauseCase('dump-target-unreachable');
  const failed = facts.events('dump-failed').filter((event) => facts.isCrashKernel(event.kernel));
  if (failed.length === 0) return result;
  result.clue(0.45, 'the dump was not saved', eventLines(failed));
  const kernels = new Set(failed.map((event) => event.kernel));
  const faults = facts.groups.filter((group) => kernels.has(group.kernel));
  const other = facts
    .events('out-of-memory', 'system-error', 'hang', 'hardware-malfunction')
    .filter((event) => kernels.has(event.kernel));
  if (faults.length > 0) result.doubt(0.6, 'faults stand in the same kernel, and may be why');
  else result.clue(0.2, 'no fault of remapping stands in that kernel');
  const drivers = facts.events('driver-failure').filter((event) => kernels.has(event.kernel));
  if (drivers.length > 0) result.doubt(0.3, 'drivers failed in it: theirs may be the target');
  if (other.length > 0) result.doubt(0.5, 'the kernel had other trouble');
  return result;
}

/** Fault status bits 6:4: invalidation time-out, completion and queue errors (VT-d 10.4.9). */
const INVALIDATION_ERRORS = 0x70;

/** Invalidations that the unit, or a device with ATS, did not carry out. */
function invalidation(facts: LogFacts): CauseCase {
  const result = new CauseCase('invalidation-not-answered');
  const status = facts.events('fault-status').filter(({ text }) => {
    const value = /status reg ([0-9a-f]{1,8})/i.exec(text)?.[1] ?? '0';
    return (Number.parseInt(value, 16) & INVALIDATION_ERRORS) !== 0;
  });
  if (status.length > 0)
    result.clue(
      0.6,
      'the fault status says that an invalidation failed or timed out (bits 6:4)',
      eventLines(status),
    );
  const told = facts
    .events('hardware-malfunction')
    .filter(({ text }) => text.includes('VT-d detected Invalidation'));
  if (told.length > 0) result.clue(0.65, 'the kernel says so', eventLines(told));
  return result;
}

function unit(facts: LogFacts): CauseCase {
  const result = new CauseCase('unit-malfunctions');
  const events = facts
    .events('hardware-malfunction')
    .filter((event) => /DMAR hardware is malfunctioning|COMMAND_HARDWARE_ERROR/.test(event.text));
  if (events.length > 0) result.clue(0.7, 'the kernel says that the unit malfunctions', eventLines(events));
  return result;
}
