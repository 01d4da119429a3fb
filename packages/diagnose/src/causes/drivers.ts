import { requesterIdOf, requesterName } from '@quiesce/machine';
import type { FaultGroup } from '../diagnosis.ts';
import { addressClass } from './address-classes.ts';
import { CauseCase } from './cause-case.ts';
import { eventLines, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes in kernels that run normally: what drivers do, removal, pass-through. */
export function drivers(facts: LogFacts): CauseCase[] {
  return [
    useAfterUnmap(facts),
    untranslated(facts),
    addressZero(facts),
    hotUnplug(facts),
    passThrough(facts),
    misuse(facts),
    firstKernel(facts),
  ];
}

function useAfterUnmap(facts: LogFacts): CauseCase {
  const result = new CauseCase('use-after-unmap');
  const refused = facts.inNormalKernels(facts.vtd('no-permission'));
  const lost = facts.inNormalKernels(facts.vtdDma()).filter((group) => group.example.reason === undefined);
  const allocated = [...refused, ...lost].filter((group) => addressClass(group) === 'allocated');
  if (refused.length === 0 && allocated.length === 0) return result;
  if (refused.length > 0)
    result.clue(
      0.4,
      `the entry of ${requestersOf(refused)} exists and the page is not mapped, or not this way`,
      linesOf(refused),
    );
  if (allocated.length > 0)
    result.clue(0.45, 'the address is one that the kernel gives out', linesOf(allocated));
  else result.doubt(0.4, 'the addresses do not look like ones that the kernel gives out');
  const failures = [...refused, ...allocated].flatMap((group) =>
    facts.near(group, 100, 'driver-failure', 'kernel-bug'),
  );
  if (failures.length > 0) result.clue(0.25, 'errors of a driver stand nearby', eventLines(failures));
  if (refused.some((group) => (group.firstSeconds ?? 0) > 60)) result.clue(0.2, 'at run time');
  return result;
}

function untranslated(facts: LogFacts): CauseCase {
  const result = new CauseCase('untranslated-address');
  const groups = facts
    .inNormalKernels(facts.vtd('not-present', 'no-permission'))
    .filter((group) => addressClass(group) === 'physical');
  if (groups.length === 0) return result;
  result.clue(0.5, `${requestersOf(groups)} uses addresses that look like physical ones`, linesOf(groups));
  const absent = facts.vtd('not-present').filter((group) => groups.includes(group));
  if (absent.length > 0)
    result.clue(0.35, 'it has no entry at all: no driver mapped anything for it', linesOf(absent));
  if (groups.every(({ example: { requester } }) => requester?.bus === 0))
    result.doubt(0.35, 'it is integrated in the chipset, where firmware is more likely');
  const early = groups.filter((group) => (group.firstSeconds ?? 99) < 2);
  if (early.length > 0) result.doubt(0.3, 'it begins before drivers have loaded');
  return result;
}

function addressZero(facts: LogFacts): CauseCase {
  const result = new CauseCase('address-zero');
  const groups = facts.groups.filter(
    (group) => group.example.kind === 'dma' && addressClass(group) === 'zero',
  );
  if (groups.length === 0) return result;
  result.clue(0.55, `${requestersOf(groups)} goes to address 0`, linesOf(groups));
  if (facts.diagnosis.faults.suppressed > 100)
    result.clue(0.2, 'over and over, by the number of suppressed messages');
  const others = facts.groups.filter(
    (group) => group.example.kind === 'dma' && addressClass(group) !== 'zero',
  );
  if (others.length > 0) result.doubt(0.3, 'other addresses are refused as well');
  return result;
}

function hotUnplug(facts: LogFacts): CauseCase {
  const result = new CauseCase('hot-unplug');
  const events = facts.events('hot-unplug');
  const after = facts
    .inNormalKernels(facts.vtdDma())
    .flatMap((group) =>
      events
        .filter(
          (event) =>
            event.kernel === group.kernel &&
            event.line <= group.lastLine &&
            event.line >= group.firstLine - facts.lines(200),
        )
        .map((event) => ({ group, event, same: namesRequester(event.device, group) })),
    );
  const same = after.filter((one) => one.same);
  const chosen = same.length > 0 ? same : after;
  if (chosen.length === 0) return result;
  result.clue(
    same.length > 0 ? 0.75 : 0.35,
    same.length > 0
      ? 'the function that faults had just been removed'
      : 'a function was removed shortly before',
    [...eventLines(chosen.map((one) => one.event)), ...linesOf(chosen.map((one) => one.group))],
  );
  const absent = chosen.filter(({ group }) => group.example.reason === 0x02 || group.example.reason === 0x41);
  if (absent.length > 0) result.clue(0.4, 'its context entry is absent, as removal leaves it');
  return result;
}

function namesRequester(device: string | undefined, { example: { requester } }: FaultGroup): boolean {
  if (device === undefined || requester === undefined) return false;
  return device.endsWith(requesterName(requesterIdOf({ segment: 0, ...requester })));
}

function passThrough(facts: LogFacts): CauseCase {
  const result = new CauseCase('pass-through');
  const groups = facts.inNormalKernels(facts.vtdDma());
  if (groups.length === 0) return result;
  const events = facts.events('pass-through');
  if (events.length > 0) result.clue(0.35, 'functions are handed to guests or programs', eventLines(events));
  const own = events.filter((event) => groups.some((group) => namesRequester(event.device, group)));
  if (own.length > 0) result.clue(0.5, 'the function that faults is one of them', eventLines(own));
  const bound = groups.filter((group) => {
    const drivers = facts.capture?.host.drivers ?? {};
    const names = facts.tie(group.example.requester)?.functions ?? [];
    return names.some((name) => /^(vfio|pciback|uio|igb_uio|xen-pciback)/.test(drivers[name]?.value ?? ''));
  });
  if (bound.length > 0)
    result.clue(0.6, `the capture has ${requestersOf(bound)} bound to a driver for guests or programs`);
  return result;
}

function misuse(facts: LogFacts): CauseCase {
  const result = new CauseCase('driver-misuses-iommu');
  const events = facts.events('kernel-bug').filter((event) => event.text.includes('drivers/iommu'));
  if (events.length === 0) return result;
  result.clue(0.7, 'the kernel stopped in the IOMMU code', eventLines(events));
  const groups = facts.inNormalKernels(facts.vtdDma());
  if (groups.length > 0) result.clue(0.3, `${requestersOf(groups)} faults in the same log`, linesOf(groups));
  return result;
}

function firstKernel(facts: LogFacts): CauseCase {
  const result = new CauseCase('first-kernel-at-run-time');
  const groups = facts.groups.filter((group) => facts.isNormalKernel(group.kernel));
  if (groups.length === 0 || groups.length < facts.groups.length) return result;
  const { kernels } = facts.diagnosis;
  if (facts.crashKernels.length > 0) {
    result.clue(0.6, 'all faults stand in a kernel that was not the crash kernel', linesOf(groups));
    return result;
  }
  result.clue(0.25, 'nothing in the log is a crash kernel', linesOf(groups).slice(0, 1));
  if (groups.some((group) => (group.firstSeconds ?? 0) > 60))
    result.clue(0.2, 'the kernel had been running for a minute and more');
  if (kernels.some((kernel) => kernel.commandLine !== undefined))
    result.clue(0.2, 'its command line has no elfcorehdr=');
  else result.doubt(0.2, 'the log does not show the start of its kernel');
  return result;
}
