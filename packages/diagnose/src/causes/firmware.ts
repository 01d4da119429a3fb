import type { FaultGroup } from '../diagnosis.ts';
import { addressClass, addressOf } from './address-classes.ts';
import { CauseCase } from './cause-case.ts';
import { countOf, eventLines, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes that lie with firmware, and with engines that it runs. */
export function firmware(facts: LogFacts): CauseCase[] {
  return [
    unlistedMemory(facts),
    listedMemory(facts),
    listIsWrong(facts),
    hiddenFunction(facts),
    graphics(facts),
    leftOn(facts),
  ];
}

/** Reasons with which a request ends that nobody mapped. */
function unmapped(facts: LogFacts): FaultGroup[] {
  return facts.vtd('not-present', 'no-permission').filter((group) => group.example.kind === 'dma');
}

function unlistedMemory(facts: LogFacts): CauseCase {
  const result = new CauseCase('unlisted-firmware-memory');
  const groups = unmapped(facts).filter(
    (group) => addressClass(group) === 'physical' && !isGraphics(facts, group),
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

function hiddenFunction(facts: LogFacts): CauseCase {
  const result = new CauseCase('hidden-function');
  const groups = facts.vtd('not-present').filter((group) => group.example.kind === 'dma');
  const tied = groups.filter((group) => facts.tie(group.example.requester)?.how === 'hidden-function');
  if (tied.length > 0)
    result.clue(
      0.55,
      `the capture has no function ${requestersOf(tied)}, but others of that device`,
      linesOf(tied),
    );
  const engine = groups.filter((group) => {
    const { requester } = group.example;
    return (
      requester?.bus === 0 &&
      requester.device === 0x16 &&
      requester.fn > 0 &&
      facts.tie(requester)?.how !== 'itself'
    );
  });
  if (engine.length > 0)
    result.clue(
      0.65,
      `${requestersOf(engine)} is a number of the management engine's device that kernels do not see`,
      linesOf(engine),
    );
  if (result.clues.length === 0) return result;
  const physical = groups.filter((group) => addressClass(group) === 'physical');
  if (physical.length > 0) result.clue(0.3, 'the address is a physical one, as firmware uses');
  else result.doubt(0.4, 'its addresses are ones that a driver would have got');
  return result;
}

function isGraphics(facts: LogFacts, { example: { requester } }: FaultGroup): boolean {
  if (requester?.bus !== 0 || requester.device !== 2) return false;
  const tie = facts.tie(requester);
  if (tie === undefined) return requester.fn === 0;
  const functions = facts.capture?.machine?.functions ?? [];
  const own = functions.find((one) => one.name === tie.functions[0]);
  // Class code of the config bytes, as hexadecimal digits: base class 03 stands at offset 0x0b.
  return own === undefined || own.config.slice(22, 24) === '03';
}

function graphics(facts: LogFacts): CauseCase {
  const result = new CauseCase('graphics-unmapped');
  const groups = facts.vtdDma().filter((group) => isGraphics(facts, group));
  if (groups.length === 0) return result;
  result.clue(0.6, `all requests of ${requestersOf(groups)} are integrated graphics'`, linesOf(groups));
  if (groups.some((group) => addressClass(group) === 'physical'))
    result.clue(0.3, 'the addresses are physical ones, as a framebuffer of firmware has');
  if (groups.some((group) => (group.firstSeconds ?? 99) < 3))
    result.clue(0.3, 'it begins before a graphics driver can have loaded');
  const absent = facts.vtd('not-present').filter((group) => isGraphics(facts, group));
  if (absent.length > 0) result.clue(0.2, 'the device has no context entry at all', linesOf(absent));
  const malformed = facts.vtd('malformed').filter((group) => groups.includes(group));
  if (malformed.length === groups.length)
    result.doubt(
      0.4,
      'entries are there and malformed, which is another matter than memory that is not mapped',
    );
  const others = facts.vtdDma().filter((group) => !isGraphics(facts, group));
  if (countOf(others) > 0) result.doubt(0.3, `${requestersOf(others)} faults as well`);
  if (groups.every((group) => facts.isCrashKernel(group.kernel)))
    result.doubt(0.3, 'in a crash kernel the display is one device among others that go on');
  return result;
}

function leftOn(facts: LogFacts): CauseCase {
  const result = new CauseCase('left-on-before-this-kernel');
  const events = facts.events('enabled-but-not-kdump');
  if (events.length === 0) return result;
  const normal = events.filter((event) => facts.isNormalKernel(event.kernel));
  if (normal.length > 0)
    result.clue(
      0.6,
      'translation or interrupt remapping was on when this kernel started',
      eventLines(normal),
    );
  else result.clue(0.4, 'a kernel with elfcorehdr= says that it is not in kdump mode', eventLines(events));
  if (normal.length === 0) result.doubt(0.6, 'it was started after a crash');
  return result;
}
