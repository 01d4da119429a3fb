import { defaultTraits, type EndpointTraits } from '../../endpoint/endpoint-description.ts';
import type { FunctionDescription } from '../function-description.ts';
import { idle } from './lspci-hex.ts';

/** Where the capabilities of a built function stand. */
export const at = {
  powerManagement: 0x40,
  msi: 0x50,
  express: 0x70,
  msix: 0xb0,
  features: 0xc0,
  aer: 0x100,
  acs: 0x148,
  ats: 0x150,
  sriov: 0x160,
  ari: 0x1a0,
  dpc: 0x1b0,
  pasid: 0x1c0,
  pri: 0x1d0,
  serial: 0x1e0,
} as const;

const extended: readonly [offset: number, id: number][] = [
  [at.aer, 0x01],
  [at.acs, 0x0d],
  [at.ats, 0x0f],
  [at.sriov, 0x10],
  [at.ari, 0x0e],
  [at.dpc, 0x1d],
  [at.pasid, 0x1b],
  [at.pri, 0x13],
  [at.serial, 0x03],
];

export interface BuiltFunction {
  /** `01:00.0` or `0001:01:00.0` */
  readonly at: string;
  /** Device/Port Type; undefined builds a conventional function. */
  readonly type?: number;
  /** Makes it a bridge: secondary and subordinate bus. */
  readonly buses?: readonly [secondary: number, subordinate: number];
  readonly command?: number;
  readonly classCode?: number;
  /** Low dwords of the BARs, and their sizes. */
  readonly bars?: readonly (readonly [value: number, size: number])[];
  readonly traits?: Partial<EndpointTraits>;
  readonly noSoftReset?: boolean;
  readonly physicalFunction?: string;
  readonly virtualFunctions?: { readonly total: number; readonly offset: number; readonly stride: number };
  /** Anything else, by offset: dwords. */
  readonly dwords?: Readonly<Record<number, number>>;
}

/** A function with every capability that its kind can have, able to do all that is optional. */
export function built(options: BuiltFunction): FunctionDescription {
  const place = /^(?:([0-9a-f]+):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/.exec(options.at);
  const config = new Uint8Array(options.type === undefined ? 256 : 4096);
  const view = new DataView(config.buffer);
  const bus = Number.parseInt(place?.[2] as string, 16);
  const bridge = options.buses !== undefined;
  view.setUint32(0x00, 0x1234_8086, true);
  view.setUint32(0x04, 0x0010_0000 + (options.command ?? 0), true);
  view.setUint32(0x08, (options.classCode ?? (bridge ? 0x060400 : 0x020000)) * 256, true);
  config[0x0e] = bridge ? 1 : 0;
  options.bars?.forEach(([value], index) => {
    view.setUint32(0x10 + index * 4, value, true);
  });
  if (options.buses !== undefined) {
    config.set([bus, ...options.buses], 0x18);
    view.setUint32(0x1c, 0x0000_01f1, true);
    view.setUint32(0x20, 0x0000_fff0, true);
    view.setUint32(0x24, 0x0001_fff1, true);
  }
  config[0x34] = at.powerManagement;
  view.setUint32(
    at.powerManagement,
    0x0003_0001 + ((options.type === undefined ? at.msi : at.msi) << 8),
    true,
  );
  view.setUint32(at.powerManagement + 4, options.noSoftReset === true ? 8 : 0, true);
  view.setUint32(at.msi, 0x0180_0005 + ((options.type === undefined ? at.features : at.express) << 8), true);
  if (options.type === undefined) {
    view.setUint32(at.features, 0x0306_0013, true);
  } else {
    const slot = options.type === 4 || options.type === 6;
    view.setUint32(
      at.express,
      0x0002_0010 + (at.msix << 8) + (options.type << 20) + (slot ? 1 << 24 : 0),
      true,
    );
    view.setUint32(at.express + 0x04, 0x1000_8000, true);
    view.setUint32(at.express + 0x0c, 0x0010_0000, true);
    view.setUint32(at.express + 0x10, slot ? 0x2000_0000 : 0, true);
    if (slot) view.setUint32(at.express + 0x14, 2, true);
    view.setUint32(at.express + 0x1c, 0x0001_0000, true);
    view.setUint32(at.express + 0x24, 0x20, true);
    view.setUint32(at.msix, 0x0003_0011, true);
    extended.forEach(([offset, id], index) => {
      const next = extended[index + 1]?.[0] ?? 0;
      view.setUint32(offset, id + (1 << 16) + next * 0x10_0000, true);
    });
    view.setUint32(at.dpc + 4, 0x80, true);
    const virtual = options.virtualFunctions;
    if (virtual !== undefined) {
      view.setUint32(at.sriov + 0x0c, virtual.total * 0x1_0001, true);
      view.setUint32(at.sriov + 0x14, virtual.offset + virtual.stride * 0x1_0000, true);
    }
  }
  for (const [offset, value] of Object.entries(options.dwords ?? {})) {
    view.setUint32(Number(offset), value, true);
  }
  return {
    segment: Number.parseInt(place?.[1] ?? '0', 16),
    bus,
    device: Number.parseInt(place?.[3] as string, 16),
    fn: Number(place?.[4]),
    config,
    barSizes: (options.bars ?? []).map(([, size]) => size),
    endpoint: { ...idle, traits: { ...defaultTraits, ...options.traits } },
    ...(options.physicalFunction === undefined ? {} : { physicalFunction: options.physicalFunction }),
  };
}
