import { defaultTraits, type EndpointTraits } from '../../endpoint/endpoint-description.ts';
import type { FunctionDescription } from '../../topology/function-description.ts';

/** Where the capabilities of every function of these tests stand. */
export const at = { msi: 0x50, express: 0x70, msiX: 0xb0, aer: 0x100 } as const;

/** Device/port types of the PCI Express capability. */
export const portType = {
  endpoint: 0,
  rootPort: 4,
  upstreamPort: 5,
  downstreamPort: 6,
  pcieToPciBridge: 7,
  integratedEndpoint: 9,
  eventCollector: 10,
} as const;

export interface FunctionOptions {
  readonly bus: number;
  readonly device?: number;
  readonly fn?: number;
  /** undefined: a conventional function without capabilities. */
  readonly type?: number | undefined;
  /** Command register; default memory space and bus master. */
  readonly command?: number;
  /** Base of a 32-bit memory BAR 0 of 16 KiB; default none. */
  readonly bar0?: number;
  readonly pin?: number;
  readonly deviceControl?: number;
  readonly aer?: boolean;
  readonly traits?: Partial<EndpointTraits>;
  /** For a bridge. */
  readonly secondary?: number;
  readonly subordinate?: number;
  readonly bridgeControl?: number;
  /** Non-prefetchable window, both ends in units of 1 MiB (limit included). */
  readonly window?: readonly [base: number, limit: number];
  readonly rootControl?: number;
  readonly rootCommand?: number;
}

/** A function with the registers that a kernel has programmed, ready for a hierarchy. */
export function describe(options: FunctionOptions): FunctionDescription {
  const { bus, device = 0, fn = 0, type, secondary } = options;
  const config = new Uint8Array(4096);
  const view = new DataView(config.buffer);
  const set16 = (offset: number, value: number): void => view.setUint16(offset, value, true);
  const set32 = (offset: number, value: number): void => view.setUint32(offset, value, true);
  set16(0x00, 0x8086);
  set16(0x02, 0x1000 + bus * 32 + device);
  set16(0x04, options.command ?? 0x0006);
  const isBridge = secondary !== undefined;
  set32(0x08, isBridge ? 0x06040000 : 0x02000000);
  config[0x0e] = isBridge ? 1 : 0;
  set32(0x10, options.bar0 ?? 0);
  config[0x3d] = options.pin ?? 0;
  if (isBridge) {
    config[0x18] = bus;
    config[0x19] = secondary;
    config[0x1a] = options.subordinate ?? secondary;
    config[0x1c] = 0xf0;
    const [base, limit] = options.window ?? [0xfff, 0];
    set16(0x20, base << 4);
    set16(0x22, limit << 4);
    set16(0x24, 0xfff1);
    set16(0x26, 0x0001);
    set16(0x3e, options.bridgeControl ?? 0);
  }
  if (type !== undefined) {
    set16(0x06, 0x0010);
    config[0x34] = at.msi;
    // MSI, 64 bits, maskable, 4 vectors possible.
    set32(at.msi, 0x05 | (at.express << 8) | (0x0184 << 16));
    set32(at.express, 0x10 | (at.msiX << 8) | ((2 | (type << 4)) << 16));
    set32(at.express + 4, 0x0000_8000 | (isBridge ? 0 : 1 << 28));
    set16(at.express + 8, options.deviceControl ?? 0);
    set32(at.express + 0x0c, 1 << 20);
    // Data link layer active.
    set16(at.express + 0x12, 0x2011);
    set16(at.express + 0x1c, options.rootControl ?? 0);
    // MSI-X: 4 vectors, table at 0x2000 and pending bits at 0x3000 of BAR 0.
    set32(at.msiX, 0x11 | (3 << 16));
    set32(at.msiX + 4, 0x2000);
    set32(at.msiX + 8, 0x3000);
    if (options.aer !== false) {
      set32(at.aer, 0x0002_0001);
      set32(at.aer + 0x0c, 0x0046_2030);
      set32(at.aer + 0x14, 0x0000_2000);
      set32(at.aer + 0x2c, options.rootCommand ?? 0);
    }
  }
  return {
    segment: 0,
    bus,
    device,
    fn,
    config,
    barSizes: options.bar0 === undefined ? [0, 0, 0, 0, 0, 0] : [0x4000, 0, 0, 0, 0, 0],
    endpoint: {
      kind: 'idle',
      traits: { ...defaultTraits, ...options.traits },
      workload: { ratePerSecond: 0, bytesPerUnit: 0, burstBytes: 64, direction: 'to-memory' },
    },
  };
}
