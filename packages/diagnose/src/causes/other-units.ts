import type { FaultArchitecture, FaultGroup } from '../diagnosis.ts';
import { CauseCase } from './cause-case.ts';
import { factText } from './fact-text.ts';
import { countOf, eventLines, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes on AMD, on Arm, and under Xen. */
export function otherUnits(facts: LogFacts): CauseCase[] {
  return [
    amdPageFault(facts),
    amdDeviceTable(facts),
    amdCompletionWait(facts),
    amdInvalidation(facts),
    smmu(facts),
    oldSmmu(facts),
    platformUnit(facts),
    isolated(facts),
    xen(facts),
  ];
}

function amd(facts: LogFacts, pattern: RegExp): FaultGroup[] {
  return facts.groups.filter(
    ({ example }) => example.architecture === 'amd-vi' && pattern.test(example.reasonText),
  );
}

function amdPageFault(facts: LogFacts): CauseCase {
  const result = new CauseCase('amd-page-fault');
  const groups = amd(facts, /IO_PAGE_FAULT/);
  if (groups.length === 0) return result;
  result.clue(0.6, `${countOf(groups)} IO_PAGE_FAULT of ${requestersOf(groups)}`, linesOf(groups));
  if (groups.some((group) => facts.isCrashKernel(group.kernel))) result.clue(0.3, 'in a crash kernel');
  return result;
}

function amdDeviceTable(facts: LogFacts): CauseCase {
  const result = new CauseCase('amd-device-table');
  const groups = amd(facts, /ILLEGAL_DEV|DEV_TAB/);
  if (groups.length > 0)
    result.clue(0.65, `entries of ${requestersOf(groups)} were refused`, linesOf(groups));
  return result;
}

function amdCompletionWait(facts: LogFacts): CauseCase {
  const result = new CauseCase('amd-completion-wait');
  const events = facts
    .events('hang', 'hardware-malfunction')
    .filter((event) => /completion.wait/i.test(event.text));
  if (events.length === 0) return result;
  result.clue(0.65, 'completion waits time out', eventLines(events));
  const copied = facts
    .events('tables-copied', 'tables-copy-failed')
    .filter((event) => events.some((one) => one.kernel === event.kernel));
  if (copied.length > 0) result.clue(0.35, 'the device table had been copied before', eventLines(copied));
  const kernel = events[0]?.kernel ?? 0;
  if (
    /snp/i.test(facts.kernel(kernel)?.commandLine ?? '') ||
    /snp/i.test(facts.kernel(kernel)?.release ?? '')
  )
    result.clue(0.3, 'the kernel is one for SNP hosts', [facts.kernel(kernel)?.firstLine ?? 1]);
  if (facts.isCrashKernel(kernel) && facts.behaves(kernel, 'copies-amd-device-table') === true)
    result.clue(0.3, factText('copies-amd-device-table'));
  return result;
}

function amdInvalidation(facts: LogFacts): CauseCase {
  const result = new CauseCase('amd-invalidation-timeout');
  const groups = amd(facts, /IOTLB_INV_TIMEOUT/);
  const events = facts
    .events('hardware-malfunction')
    .filter((event) => event.text.includes('IOTLB_INV_TIMEOUT'));
  if (groups.length > 0) result.clue(0.65, `${requestersOf(groups)} does not answer`, linesOf(groups));
  else if (events.length > 0) result.clue(0.65, 'an invalidation was not answered', eventLines(events));
  return result;
}

function smmu(facts: LogFacts): CauseCase {
  const result = new CauseCase('smmu-refuses');
  const groups = facts.groups.filter(({ example }) => example.architecture === 'smmu-v3');
  const kernel = facts.crashKernels.find(
    (one) =>
      one.inventory.architecture === 'smmu-v3' ||
      facts
        .events('driver-failure')
        .some((event) => event.kernel === one.index && event.text.includes('arm-smmu')),
  );
  if (groups.length > 0) {
    result.clue(0.45, `${countOf(groups)} events of an SMMU`, linesOf(groups));
    if (groups.some((group) => facts.isCrashKernel(group.kernel))) result.clue(0.4, 'in a crash kernel');
    else result.doubt(0.3, 'nothing says that it was a crash kernel: a driver may be at fault');
  } else if (kernel !== undefined) {
    const trouble = facts.events('driver-failure', 'aer').filter((event) => event.kernel === kernel.index);
    if (trouble.length === 0) return result;
    result.clue(0.4, 'drivers fail in a crash kernel on a machine with an SMMU', eventLines(trouble));
    const refused = trouble.filter((event) => event.text.includes('arm-smmu'));
    if (refused.length > 0)
      result.clue(0.4, "the SMMU's own driver gives up, and leaves it aborting", eventLines(refused));
    result.doubt(0.1, 'a crash kernel keeps the event queue silent: no event can prove it');
  }
  return result;
}

function oldSmmu(facts: LogFacts): CauseCase {
  const result = new CauseCase('old-smmu-refuses');
  const groups = facts.groups.filter(({ example }) => example.architecture === 'smmu-v2');
  if (groups.length === 0) return result;
  return clueOf(result, facts, groups, `${countOf(groups)} faults of an SMMU before version 3`);
}

/** Units that are neither of PCI alone nor modelled here. */
const OF_PLATFORMS: readonly FaultArchitecture[] = [
  'apple-dart',
  'mediatek-iommu',
  'rockchip-iommu',
  'riscv-iommu',
  'virtio-iommu',
];

function platformUnit(facts: LogFacts): CauseCase {
  const result = new CauseCase('platform-unit-refuses');
  const groups = facts.groups.filter(({ example }) => OF_PLATFORMS.includes(example.architecture));
  if (groups.length === 0) return result;
  return clueOf(result, facts, groups, `${countOf(groups)} faults of a unit of the platform`);
}

function clueOf(result: CauseCase, facts: LogFacts, groups: FaultGroup[], says: string): CauseCase {
  result.clue(0.45, says, linesOf(groups));
  if (groups.some((group) => facts.isCrashKernel(group.kernel))) return result.clue(0.4, 'in a crash kernel');
  return result.doubt(0.3, 'nothing says that it was a crash kernel: a driver may be at fault');
}

function isolated(facts: LogFacts): CauseCase {
  const result = new CauseCase('endpoint-isolated');
  const events = facts.events('isolated');
  if (events.length === 0) return result;
  result.clue(0.5, 'the platform cut a function off', eventLines(events));
  if (events.some((event) => facts.isCrashKernel(event.kernel))) result.clue(0.4, 'in a crash kernel');
  else result.doubt(0.2, 'nothing says that it was a crash kernel: a driver may be at fault');
  return result;
}

function xen(facts: LogFacts): CauseCase {
  const result = new CauseCase('xen-fault');
  const groups = facts.groups.filter(({ example }) => example.architecture === 'xen-vt-d');
  if (groups.length === 0) return result;
  return result.clue(
    0.7,
    `Xen reports ${countOf(groups)} faults of ${requestersOf(groups)}`,
    linesOf(groups),
  );
}
