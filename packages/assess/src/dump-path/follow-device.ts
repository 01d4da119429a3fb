import type { BlockDevice } from '@quiesce/machine';
import type { DeviceIndex } from './device-index.ts';
import { driversBetween } from './drivers-between.ts';
import { MOST_DEVICES, type Trace } from './trace.ts';

/** Follows a block device down to functions. True if each of its parts was reached. */
export function followDevice(start: BlockDevice, index: DeviceIndex, trace: Trace): boolean {
  const seen = new Set([start.name]);
  const open = [start];
  let whole = true;
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { name, mapped, layer, over, partitionOf } = next;
    if (layer !== undefined) trace.layers.add(layer.value);
    if (mapped !== undefined && mapped.value !== name) trace.step(mapped, `${name} is ${mapped.value}`);
    const below = over.length > 0 ? over : next.function === undefined && partitionOf ? [partitionOf] : [];
    for (const one of below) {
      const how = over.length === 0 ? 'a partition of' : `made of${layer ? ` (${layer.value})` : ''}`;
      trace.step(one, `${name} is ${how} ${one.value}`);
      if (seen.has(one.value)) continue;
      seen.add(one.value);
      const device = index.byName(one.value);
      if (device === undefined) whole = missing(`what ${one.value} hangs on is not in the capture`, trace);
      else if (seen.size <= MOST_DEVICES) open.push(device);
      else whole = false;
    }
    if (below.length > 0) continue;
    if (next.function === undefined && isRemote(next)) {
      trace.step(next.found, `${name} comes over the network`);
      trace.comesOverNetwork = true;
    } else if (next.function === undefined) whole = missing(withoutFunction(next), trace);
    else {
      trace.step(next.found, `${name} hangs on ${next.function}`);
      for (const one of driversBetween(name, next.found.value)) trace.layers.add(one);
      trace.reached(next.function);
    }
  }
  return whole;
}

function missing(text: string, trace: Trace): false {
  if (trace.assumed.length < 5) trace.assumed.push(text);
  return false;
}

/** Disks that come over a network, by their folders: an iSCSI session, a controller of NVMe over fabrics, a network block device. */
const remote = /\/session\d+\/|\/nvme-fabrics\/|\/virtual\/block\/(?:nbd|rbd|drbd)\d|^devices\/rbd\//;

function isRemote({ found }: BlockDevice): boolean {
  return remote.test(found.value.slice(0, 4096));
}

function withoutFunction({ name, found }: BlockDevice): string {
  return `${name} hangs on no PCI function (${found.value.slice(0, 120)})`;
}
