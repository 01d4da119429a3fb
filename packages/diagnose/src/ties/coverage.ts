import { unitForRequester } from '@quiesce/vtd-iommu';
import type { CapturedFunctions } from './captured-functions.ts';

/** Name of the unit that a requester's requests pass, as the machine names it; undefined if none is known to. */
export function coveringUnit(
  source: CapturedFunctions,
  segment: number,
  requesterId: number,
): string | undefined {
  const { machine, scopes } = source;
  if (scopes === undefined) {
    const ofSegment = machine.units.filter((one) => one.segment === segment && one.architecture !== 'vt-d');
    return ofSegment.find((one) => requesterId <= (one.lastRequesterId ?? 0xffff))?.name;
  }
  const index = unitForRequester(scopes, segment, requesterId);
  const unit = index === undefined ? undefined : scopes.units[index];
  if (unit === undefined) return undefined;
  const named = machine.units.find((one) => one.registerBase === unit.registerBase);
  return named?.name ?? `dmar${index}`;
}

/** Reserved regions (RMRR) whose scopes name a requester, or a bridge above it. */
export function reservedRegionsOf(source: CapturedFunctions, segment: number, requesterId: number): string[] {
  const bus = requesterId >>> 8;
  return (source.scopes?.reservedMemory ?? []).flatMap((one) => {
    if (one.segment !== segment) return [];
    const named =
      one.functions.some((each) => each.requesterId === requesterId) ||
      one.subtrees.some(
        ({ requesterId: bridge, buses }) =>
          bridge === requesterId || (buses !== undefined && buses.first <= bus && buses.last >= bus),
      );
    return named ? [`0x${one.base.toString(16)}-0x${one.limit.toString(16)}`] : [];
  });
}
