import type { FaultGroup } from '../diagnosis.ts';
import { addressClass, addressOf, FIRST_MIB } from './address-classes.ts';
import { CauseCase } from './cause-case.ts';
import { isIntegratedGraphics } from './graphics.ts';
import { eventLines, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes that lie with memory which firmware uses: listed for nobody, for others, or wrongly. */
export function firmwareMemory(facts: LogFacts): CauseCase[] {
  return [unlistedMemory(facts), listedMemory(facts), listIsWrong(facts)];
}

/** Reasons with which a request ends that nobody mapped. */
function unmapped(facts: LogFacts): FaultGroup[] {
  return facts.vtd('not-present', 'no-permission').filter((group) => group.example.kind === 'dma');
}

function unlistedMemory(facts: LogFacts): CauseCase {
  const result = new CauseCase('unlisted-firmware-memory');
  const groups = unmapped(facts).filter(
    (group) => addressClass(group) === 'physical' && !isIntegratedGraphics(facts, group),
  );
  const low = groups.filter((group) => (addressOf(group.addresses?.highest) ?? 0) < 0x1_0000_0000);
  if (low.length === 0) return result;
  const inFirmware = low.filter((group) => isFirmwareMemory(facts, group));
  if (inFirmware.length > 0)
    result.clue(
      0.65,
      `${requestersOf(inFirmware)} uses memory that belongs to firmware`,
      linesOf(inFirmware),
    );
  else
    result.clue(
      0.3,
      `${requestersOf(low)} uses addresses below 4 GiB as if they were physical`,
      linesOf(low),
    );
  const first = low.filter((group) => (addressOf(group.addresses?.highest) ?? FIRST_MIB) < FIRST_MIB);
  if (first.length > 0)
    result.clue(
      0.5,
      `${requestersOf(first)} works in the first MiB, which no driver gives out`,
      linesOf(first),
    );
  const one = low.filter((group) => group.addresses?.lowest === group.addresses?.highest && group.count >= 3);
  const steady = one.filter(({ firstSeconds, lastSeconds }) => (lastSeconds ?? 0) - (firstSeconds ?? 0) > 10);
  if (steady.length > 0)
    result.clue(0.45, 'always to the same address, at long intervals: no driver works so', linesOf(steady));
  if (low.some((group) => (group.firstSeconds ?? 99) < 3))
    result.clue(0.2, 'it begins before drivers have loaded');
  if (
    low.some(
      (group) =>
        group.example.requester?.bus === 0 &&
        [0x14, 0x16, 0x1a, 0x1d].includes(group.example.requester.device),
    )
  )
    result.clue(0.25, 'the requester is one of those that firmware uses itself (USB, management engine)');
  const listed = low.filter(
    (group) => (facts.tie(group.example.requester)?.reservedRegions ?? []).length > 0,
  );
  if (listed.length > 0)
    result.doubt(0.4, `a reserved region names ${requestersOf(listed)}: compare its range`);
  return result;
}

/** Addresses in regions that the log itself lists. */
function listedMemory(facts: LogFacts): CauseCase {
  const result = new CauseCase('reserved-region-not-mapped');
  for (const group of unmapped(facts)) {
    const at = addressOf(group.addresses?.lowest ?? group.example.address);
    if (at === undefined) continue;
    const regions = facts.kernel(group.kernel)?.inventory.reservedRegions ?? [];
    const region = regions.find(
      ({ base, end }) => at >= (addressOf(base) ?? Number.POSITIVE_INFINITY) && at <= (addressOf(end) ?? 0),
    );
    if (region === undefined) continue;
    result.clue(
      0.6,
      `${requestersOf([group])} was refused in the region 0x${region.base}-0x${region.end} that firmware lists`,
      [region.line, ...linesOf([group])],
    );
    const ranges = facts.tie(group.example.requester)?.reservedRegions;
    if (ranges !== undefined)
      result.clue(0.2, 'the DMAR table of the capture names this requester for a region');
    else if (facts.tie(group.example.requester) !== undefined)
      result.clue(0.3, 'the DMAR table of the capture names other devices for it');
    break;
  }
  return result;
}

function isFirmwareMemory(facts: LogFacts, group: FaultGroup): boolean {
  const at = addressOf(group.example.address);
  if (at === undefined) return false;
  const inLog = facts.kernel(group.kernel)?.inventory.firmwareMemory ?? [];
  if (
    inLog.some(
      ({ base, end }) => at >= (addressOf(base) ?? Number.POSITIVE_INFINITY) && at <= (addressOf(end) ?? 0),
    )
  )
    return true;
  return (
    facts.capture?.machine?.memoryMap.some(
      (one) => one.owner === 'firmware' && at >= one.start && at < one.end,
    ) ?? false
  );
}

function listIsWrong(facts: LogFacts): CauseCase {
  const result = new CauseCase('firmware-bug-rmrr');
  const events = facts.events('firmware-bug').filter((event) => event.text.includes('RMRR'));
  if (events.length === 0) return result;
  result.clue(0.45, 'the kernel says so', eventLines(events));
  const groups = unmapped(facts);
  const near = groups.filter((group) => {
    const at = addressOf(group.example.address);
    return at !== undefined && events.some((event) => isNearRange(at, event.text));
  });
  if (near.length > 0) result.clue(0.4, 'faults lie in or beside that region', linesOf(near));
  else if (groups.length === 0) result.doubt(0.6, 'no fault shows that a device suffers from it');
  else result.doubt(0.2, 'the faults lie elsewhere');
  return result;
}

/** Within 16 MiB of a range `[0x…-0x…]` of the text. */
function isNearRange(at: number, text: string): boolean {
  const match = /\[?0x([0-9a-f]{1,16})\s?-\s?0x([0-9a-f]{1,16})/i.exec(text);
  if (match === null) return false;
  const base = addressOf(match[1]) ?? 0;
  const end = addressOf(match[2]) ?? 0;
  return at >= base - 0x100_0000 && at <= end + 0x100_0000;
}
