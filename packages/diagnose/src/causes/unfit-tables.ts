import { CauseCase } from './cause-case.ts';
import { countOf, type LogFacts, linesOf, requestersOf } from './log-facts.ts';

/** Causes that lie in tables which do not fit the request, the device or the unit. */
export function unfitTables(facts: LogFacts): CauseCase[] {
  return [superpages(facts), strayAddress(facts), addressSpaceGone(facts), tablesFreed(facts)];
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
  const groups = facts.inNormalKernels(facts.vtd('process-address-space'));
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
  const groups = facts
    .inNormalKernels(facts.vtd('malformed'))
    .filter((group) => ![0x0c, 0x7a].includes(group.example.reason ?? 0));
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
