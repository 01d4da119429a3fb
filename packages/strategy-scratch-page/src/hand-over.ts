import type { IommuInitContext, PciDevice } from '@quiesce/strategy';
import type { ContainedUnit } from './contained-unit.ts';

const TO_PCI_BRIDGE = 7;
const SECONDARY_BUS = 0x19;
const GIB = 2 ** 30;

/** Adds what enumeration has found, and gives the driver of each device room for its own mappings. */
export function completeTables(ctx: IommuInitContext<unknown>, contained: ContainedUnit): void {
  for (const device of ctx.devices) {
    if (device.segment !== contained.unit.segment) continue;
    const ids = requesterIdsOf(device).filter((id) => contained.unit.covers(id));
    for (const id of ids) {
      if (contained.domainOf(id) === undefined) contained.drain(id);
    }
    const [id] = ids;
    if (!device.hasDriver || id === undefined) continue;
    if (contained.isDrained(id)) contained.separate(ids.filter((each) => contained.isDrained(each)));
    const table = contained.domainOf(id)?.table;
    if (ctx.kernel.translates) table?.openWindow();
    else for (const [start, end] of physicalRanges(contained)) table?.openIdentity(start, end);
  }
}

/** Where the second kernel's buffers may be: below 4 GiB, and around its own pages if these are above. */
function physicalRanges(contained: ContainedUnit): readonly (readonly [number, number])[] {
  const own = Math.floor(contained.root.address / GIB) * GIB;
  const low = [0, 4 * GIB] as const;
  return own < low[1] ? [low] : [low, [Math.max(low[1], own - GIB), own + 2 * GIB]];
}

/** Tells the kernel's driver what its devices have. The unit uses the tables already. */
export function handOver(ctx: IommuInitContext<unknown>, contained: ContainedUnit): void {
  const { unit, root } = contained;
  const { kernel } = ctx;
  kernel.adoptRootTable(unit, { address: root.address, scalable: root.scalable });
  if (!kernel.translates) return;
  for (const id of contained.usedIds) kernel.reserveDomainId(unit, id);
  for (const [requesterId, { id, table }] of contained.domains) {
    const window = table.window;
    if (window === undefined) kernel.adoptEntry(unit, { requesterId, domainId: id });
    else {
      kernel.adoptDomain({
        unit,
        requesterId,
        domainId: id,
        levels: table.levels,
        pageTableRoot: table.root,
        reserved: table.closed,
      });
    }
  }
}

/** The IDs that a function's requests carry: its own, and those of conventional bridges above it. */
export function requesterIdsOf(device: PciDevice): number[] {
  const ids = [requesterId(device)];
  for (let bridge = device.upstream; bridge !== undefined; bridge = bridge.upstream) {
    if (bridge.pcieType === TO_PCI_BRIDGE) ids.unshift(bridge.readConfig8(SECONDARY_BUS) * 256);
    else if (bridge.pcieType === undefined) ids.unshift(requesterId(bridge));
  }
  return ids;
}

function requesterId(device: PciDevice): number {
  return device.bus * 256 + device.device * 8 + device.fn;
}
