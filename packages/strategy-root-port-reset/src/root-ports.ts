import type { Type1ConfigAccess } from '@quiesce/strategy';
import { findExpressCapability } from './express-capability.ts';

const ROOT_PORT = 4;
const HEADER_TYPE = 0x0e;
const SECONDARY_BUS = 0x19;

/** A root port on bus 0. */
export interface RootPort {
  readonly device: number;
  readonly fn: number;
  /** Bus behind it; 0 if it has been given none. */
  readonly secondary: number;
}

/** Every root port of bus 0, found by its PCI Express capability (PCIe 7.5.3.2: port type 4). */
export function findRootPorts(config: Type1ConfigAccess): RootPort[] {
  const ports: RootPort[] = [];
  for (let device = 0; device < 32; device++) {
    for (let fn = 0; fn < 8; fn++) {
      if (config.read16(0, device, fn, 0) === 0xffff) {
        if (fn === 0) break;
        continue;
      }
      if (isRootPort(config, device, fn)) {
        ports.push({ device, fn, secondary: config.read8(0, device, fn, SECONDARY_BUS) });
      }
      if (fn === 0 && (config.read8(0, device, 0, HEADER_TYPE) & 0x80) === 0) break;
    }
  }
  return ports;
}

function isRootPort(config: Type1ConfigAccess, device: number, fn: number): boolean {
  if ((config.read8(0, device, fn, HEADER_TYPE) & 0x7f) !== 1) return false;
  const express = findExpressCapability(config, 0, device, fn);
  return express !== 0 && ((config.read16(0, device, fn, express + 2) >>> 4) & 0xf) === ROOT_PORT;
}
