import { expect, it } from 'vitest';
import { CapturedTopology, type PlacedConfig } from './captured-topology.ts';

/** Vendor, device and, of a bridge, its secondary bus; of an Express function its type (PCIe 7.5.3.2). */
function fn(
  place: string,
  ids: number,
  { below, express }: { below?: number; express?: number } = {},
): PlacedConfig {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ids, true);
  if (below !== undefined) {
    view.setUint32(8, 0x06_04_00_00, true);
    bytes.set([1], 0x0e);
    bytes.set([Number.parseInt(place, 16), below, below], 0x18);
  }
  if (express !== undefined) {
    view.setUint16(6, 0x10, true);
    bytes.set([0x40], 0x34);
    bytes.set([0x10, 0, 2 | (express << 4), 0], 0x40);
  }
  const [bus = '0', device = '0'] = place.split(':');
  return { segment: 0, bus: Number.parseInt(bus, 16), device: Number.parseInt(device, 16), fn: 0, bytes };
}

const ROOT_PORT = 4;
const TO_PCI = 7;
const FROM_PCI = 8;
const ITE = 0x8892_1283;
const ICH = 0x244e_8086;
const port = fn('00:1c', 0x1111_8086, { below: 1, express: ROOT_PORT });

it.each([
  [
    'a bridge from Express: device 0 of its bus',
    [port, fn('01:0', 0x2222_8086, { below: 2, express: TO_PCI })],
    0x220,
    [0x200],
  ],
  [
    'a bridge to Express: itself',
    [port, fn('01:0', 0x2222_8086, { below: 2, express: FROM_PCI })],
    0x220,
    [0x100],
  ],
  ['one that does not say that it is from Express', [port, fn('01:0', ITE, { below: 2 })], 0x220, [0x200]],
  [
    'the same kind on the root bus, which is conventional there',
    [fn('00:1e', ICH, { below: 5 })],
    0x508,
    [0xf0],
  ],
  ['behind ports alone: none', [port], 0x108, []],
])('%s', (_, bridges, requesterId, aliases) => {
  expect([...new CapturedTopology(bridges).aliases(0, requesterId)]).toEqual(aliases);
});
