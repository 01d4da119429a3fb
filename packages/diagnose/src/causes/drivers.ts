import type { FaultGroup } from '../diagnosis.ts';
import { addressClass } from './address-classes.ts';
import { CauseCase } from './cause-case.ts';
import { countOf, eventLines, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes in kernels that run normally: drivers, removal, pass-through, tables that a unit cannot walk. */
export function drivers(facts: LogFacts): CauseCase[] {
  return [
    useAfterUnmap(facts),
    untranslated(facts),
    addressZero(facts),
    hotUnplug(facts),
    passThrough(facts),
    misuse(facts),
    superpages(facts),
    strayAddress(facts),
    addressSpaceGone(facts),
    tablesFreed(facts),
    firstKernel(facts),
  ];
}

/** DMA faults of kernels that nothing shows to be crash kernels. */
function inNormalKernels(facts: LogFacts, groups: readonly FaultGroup[]): FaultGroup[] {
  return groups.filter((group) => facts.isNormalKernel(group.kernel) && group.example.kind === 'dma');
}

function useAfterUnmap(facts: LogFacts): CauseCase {
  const result = new CauseCase('use-after-unmap');
  const refused = inNormalKernels(facts, facts.vtd('no-permission'));
  const lost = inNormalKernels(facts, facts.vtdDma()).filter((group) => group.example.reason === undefined);
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
  const groups = inNormalKernels(facts, facts.vtd('not-present', 'no-permission')).filter(
    (group) => addressClass(group) === 'physical',
  );
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
  const after = inNormalKernels(facts, facts.vtdDma()).flatMap((group) =>
    events
      .filter(
        (event) =>
          event.kernel === group.kernel &&
          event.line <= group.lastLine &&
          event.line >= group.firstLine - 200,
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
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return device.endsWith(`${hex(requester.bus)}:${hex(requester.device)}.${requester.fn}`);
}

function passThrough(facts: LogFacts): CauseCase {
  const result = new CauseCase('pass-through');
  const groups = inNormalKernels(facts, facts.vtdDma());
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
  const groups = inNormalKernels(facts, facts.vtdDma());
  if (groups.length > 0) result.clue(0.3, `${requestersOf(groups)} faults in the same log`, linesOf(groups));
  return result;
}

function superpages(facts: LogFacts): CauseCase {
  const result = new CauseCase('superpages-not-supported');
  const groups = facts.groups.filter((group) => [0x0c, 0x7a].includes(group.example.reason ?? 0));
  if (groups.length === 0) return result;
  result.clue(0.6, `reserved bits in an entry for ${requestersOf(groups)}`, linesOf(groups));
  if (groups.some((group) => Number.parseInt(group.example.address ?? '1', 16) % 0x20_0000 === 0))
    result.clue(0.35, 'the address is aligned to 2 MiB, as the first of a large page');
  const abilities = superpageAbilities(facts);
  if (abilities.size > 1)
    result.clue(0.3, 'the units of this machine differ in their large pages (CAP bits 37:34)');
  else if (abilities.size === 1 && !abilities.has(0))
    result.doubt(0.3, 'every unit that is listed has large pages');
  const others = facts.vtd('malformed').filter((group) => !groups.includes(group));
  if (others.length > 0) result.doubt(0.4, 'entries are malformed in other ways, too');
  const refused = facts.vtd('no-permission', 'not-present');
  if (countOf(refused) >= countOf(groups))
    result.doubt(0.4, 'as many requests are refused for other reasons');
  if (groups.every((group) => facts.isCrashKernel(group.kernel)))
    result.doubt(0.4, 'it is a crash kernel: the old tables may be damaged');
  return result;
}

/** Large pages of each unit that the log lists, CAP bits 37:34. */
function superpageAbilities(facts: LogFacts): Set<number> {
  const units = facts.diagnosis.kernels.flatMap((kernel) => kernel.inventory.units);
  const abilities = units.flatMap(({ capability }) =>
    capability === undefined
      ? []
      : [(Number.parseInt(capability.padStart(16, '0').slice(4, 8), 16) >>> 2) & 0xf],
  );
  return new Set(abilities.filter((one) => !Number.isNaN(one)));
}

function strayAddress(facts: LogFacts): CauseCase {
  const result = new CauseCase('stray-address');
  const groups = facts.vtd('too-wide');
  if (groups.length > 0)
    result.clue(0.6, `${requestersOf(groups)} goes beyond what the unit translates`, linesOf(groups));
  return result;
}

function addressSpaceGone(facts: LogFacts): CauseCase {
  const result = new CauseCase('address-space-gone');
  const groups = inNormalKernels(facts, facts.vtd('process-address-space'));
  if (groups.length === 0) return result;
  result.clue(
    0.5,
    `${requestersOf(groups)} uses an address space that its tables do not have`,
    linesOf(groups),
  );
  if (groups.some((group) => group.example.pasid !== undefined))
    result.clue(0.25, 'the request carries a PASID');
  return result;
}

function tablesFreed(facts: LogFacts): CauseCase {
  const result = new CauseCase('tables-freed-under-device');
  const groups = inNormalKernels(facts, facts.vtd('malformed')).filter(
    (group) => ![0x0c, 0x7a].includes(group.example.reason ?? 0),
  );
  if (groups.length === 0) return result;
  result.clue(
    0.5,
    `malformed entries for ${requestersOf(groups)} in a kernel that runs normally`,
    linesOf(groups),
  );
  if (groups.some((group) => (group.firstSeconds ?? 99) < 3))
    result.doubt(0.3, 'it comes at boot: tables are only being built then');
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
