import type { Type1ConfigAccess } from '@quiesce/strategy';
import { findExpressCapability } from './express-capability.ts';

/** The header: sixteen dwords, of an endpoint or of a bridge. */
const DWORDS = 16;
const HEADER_TYPE = 0x0e;
const SECONDARY_BUS = 0x19;
/** Device Control and Link Control in the PCI Express capability (PCIe 7.5.3). */
const CONTROLS = [0x08, 0x10];
/** Their second halves, which version 1 of the capability does not have. */
const SECOND_CONTROLS = [0x28, 0x30];
/** Slot Control, of ports. */
const SLOT_CONTROL = 0x18;

/** The header of one function and its PCI Express controls as they were. */
export interface SavedHeader {
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
  readonly words: readonly number[];
  readonly controls: readonly { readonly offset: number; readonly value: number }[];
}

/** Saves every header below a bus, each bridge before what is behind it. */
export function saveHeaders(config: Type1ConfigAccess, bus: number, saved: SavedHeader[]): void {
  for (let device = 0; device < 32; device++) {
    for (let fn = 0; fn < 8; fn++) {
      if (config.read16(bus, device, fn, 0) === 0xffff) {
        if (fn === 0) break;
        continue;
      }
      const words = Array.from({ length: DWORDS }, (_, index) => config.read32(bus, device, fn, 4 * index));
      const controls = controlsOf(config, bus, device, fn);
      saved.push({ bus, device, fn, words, controls });
      const type = config.read8(bus, device, fn, HEADER_TYPE);
      const secondary = config.read8(bus, device, fn, SECONDARY_BUS);
      if ((type & 0x7f) === 1 && secondary > bus) saveHeaders(config, secondary, saved);
      if (fn === 0 && (type & 0x80) === 0) break;
    }
  }
}

/** Puts headers back in the order in which they were saved: bridges route again before what is behind them is asked. */
export function restoreHeaders(config: Type1ConfigAccess, saved: readonly SavedHeader[]): void {
  for (const { bus, device, fn, words, controls } of saved) {
    for (const [index, value] of words.entries()) config.write32(bus, device, fn, 4 * index, value);
    for (const { offset, value } of controls) config.write16(bus, device, fn, offset, value);
  }
}

function controlsOf(
  config: Type1ConfigAccess,
  bus: number,
  device: number,
  fn: number,
): SavedHeader['controls'] {
  const express = findExpressCapability(config, bus, device, fn);
  if (express === 0) return [];
  const version = config.read16(bus, device, fn, express + 2) & 0xf;
  const isBridge = (config.read8(bus, device, fn, HEADER_TYPE) & 0x7f) === 1;
  const controls = [
    ...CONTROLS,
    ...(version < 2 ? [] : SECOND_CONTROLS),
    ...(isBridge ? [SLOT_CONTROL] : []),
  ];
  return controls.map((control) => {
    const offset = express + control;
    return { offset, value: config.read16(bus, device, fn, offset) };
  });
}
