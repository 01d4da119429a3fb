import type { ByteWindow } from './byte-window.ts';
import type { DevicePathStep, DeviceScope, DmarNote } from './dmar-table.ts';

const SCOPE_HEADER_BYTES = 6;

/** Device scopes from `start` to the end of a structure (VT-d 8.3.1), and the bytes too few for another. */
export function parseScopes(
  window: ByteWindow,
  start: number,
  notes: DmarNote[],
): { scopes: DeviceScope[]; tail: Uint8Array | undefined } {
  const scopes: DeviceScope[] = [];
  let at = start;
  while (window.length - at >= SCOPE_HEADER_BYTES) {
    const length = window.u8(at + 1);
    const wrong = wrongLength(length, window.length - at);
    if (wrong !== undefined) {
      if (!window.keepsDamage) window.fail('DMAR_SCOPE', at + 1, wrong.message, wrong.expected);
      notes.push({ code: 'SCOPE_LENGTH', offset: window.offset + at + 1, message: wrong.message });
      break;
    }
    scopes.push(parseScope(window.part(at, at + length), notes));
    at += length;
  }
  return { scopes, tail: at < window.length ? window.copy(at) : undefined };
}

function wrongLength(
  length: number,
  left: number,
): { readonly message: string; readonly expected: string } | undefined {
  const message = `device scope of ${length} bytes`;
  if (length < SCOPE_HEADER_BYTES || length % 2 !== 0) {
    return { message, expected: 'an even number, 6 or more' };
  }
  if (length <= left) return undefined;
  return { message: `${message} runs past the end of its structure`, expected: `${left} bytes or less` };
}

function parseScope(window: ByteWindow, notes: DmarNote[]): DeviceScope {
  const type = window.u8(0);
  const path: DevicePathStep[] = [];
  for (let at = SCOPE_HEADER_BYTES; at < window.length; at += 2) {
    path.push({ device: window.u8(at), fn: window.u8(at + 1) });
  }
  if (type < 1 || type > 5) {
    notes.push({
      code: 'SCOPE_TYPE',
      offset: window.offset,
      message: `device scope of type ${type}, which is not defined`,
    });
  }
  if (path.length === 0 || path.some((step) => step.device > 31 || step.fn > 7)) {
    const shown = path.map((step) => `${step.device.toString(16)}.${step.fn.toString(16)}`).join(' > ');
    notes.push({
      code: 'SCOPE_PATH',
      offset: window.offset,
      message: path.length === 0 ? 'device scope without a path' : `device scope leads to ${shown}`,
    });
  }
  return {
    type,
    enumerationId: window.u8(4),
    startBus: window.u8(5),
    path,
    reserved: window.u16(2),
    offset: window.offset,
  };
}
