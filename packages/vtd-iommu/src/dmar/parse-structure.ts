import type { ByteWindow } from './byte-window.ts';
import type { DeviceScope, DmarNote, DmarStructure, UnknownStructure } from './dmar-table.ts';
import { parseScopes } from './parse-scopes.ts';

/** Reads the structure in `window` (VT-d 8.2), which has the length that its header names. */
export function parseStructure(window: ByteWindow, notes: DmarNote[]): DmarStructure {
  const code = window.u16(0);
  switch (code) {
    case 0:
      return drhd(window, notes);
    case 1:
      return rmrr(window, notes);
    case 2: {
      needs(window, 8, 'ATSR');
      return { type: 'ATSR', flags: window.u8(4), reserved: window.u8(5), ...scoped(window, notes) };
    }
    case 3:
      return rhsa(window, notes);
    case 4:
      return andd(window);
    case 5: {
      needs(window, 8, 'SATC');
      return { type: 'SATC', flags: window.u8(4), reserved: window.u8(5), ...scoped(window, notes) };
    }
    case 6: {
      needs(window, 8, 'SIDP');
      return { type: 'SIDP', reserved: window.u16(4), ...scoped(window, notes) };
    }
    default:
      notes.push({
        code: 'UNKNOWN_TYPE',
        offset: window.offset,
        message: `structure of type ${code} is kept as ${window.length} bytes`,
      });
      return asBytes(window);
  }
}

function drhd(window: ByteWindow, notes: DmarNote[]): DmarStructure {
  needs(window, 16, 'DRHD');
  const registerBase = window.address(8);
  if (registerBase === undefined) return badAddress(window, 8, notes);
  return {
    type: 'DRHD',
    offset: window.offset,
    flags: window.u8(4),
    size: window.u8(5),
    segment: window.u16(6),
    registerBase,
    ...scopesFrom(window, 16, notes),
  };
}

function rmrr(window: ByteWindow, notes: DmarNote[]): DmarStructure {
  needs(window, 24, 'RMRR');
  const base = window.address(8);
  const limit = window.address(16);
  if (base === undefined || limit === undefined) {
    return badAddress(window, base === undefined ? 8 : 16, notes);
  }
  if (limit < base || base % 4096 !== 0 || (limit + 1) % 4096 !== 0) {
    notes.push({
      code: 'RMRR_RANGE',
      offset: window.offset + 8,
      message: `reserved memory from 0x${base.toString(16)} to 0x${limit.toString(16)} is not a range of pages`,
    });
  }
  return {
    type: 'RMRR',
    offset: window.offset,
    reserved: window.u16(4),
    segment: window.u16(6),
    base,
    limit,
    ...scopesFrom(window, 24, notes),
  };
}

function rhsa(window: ByteWindow, notes: DmarNote[]): DmarStructure {
  needs(window, 20, 'RHSA');
  const registerBase = window.address(8);
  if (registerBase === undefined) return badAddress(window, 8, notes);
  return {
    type: 'RHSA',
    offset: window.offset,
    reserved: window.u32(4),
    registerBase,
    proximityDomain: window.u32(16),
    ...tailFrom(window, 20),
  };
}

function andd(window: ByteWindow): DmarStructure {
  needs(window, 8, 'ANDD');
  let end = 8;
  while (end < window.length && window.u8(end) !== 0) end++;
  return {
    type: 'ANDD',
    offset: window.offset,
    reserved: window.u32(4) % 0x100_0000,
    deviceNumber: window.u8(7),
    name: window.text(8, end),
    ...tailFrom(window, end),
  };
}

function scoped(
  window: ByteWindow,
  notes: DmarNote[],
): { offset: number; segment: number; scopes: DeviceScope[]; tail?: Uint8Array } {
  return { offset: window.offset, segment: window.u16(6), ...scopesFrom(window, 8, notes) };
}

function scopesFrom(
  window: ByteWindow,
  start: number,
  notes: DmarNote[],
): { scopes: DeviceScope[]; tail?: Uint8Array } {
  const { scopes, tail } = parseScopes(window, start, notes);
  return tail === undefined ? { scopes } : { scopes, tail: trailing(window, tail, notes) };
}

function trailing(window: ByteWindow, tail: Uint8Array, notes: DmarNote[]): Uint8Array {
  notes.push({
    code: 'TRAILING_BYTES',
    offset: window.offset + window.length - tail.length,
    message: `${tail.length} bytes behind the last device scope of a structure`,
  });
  return tail;
}

function tailFrom(window: ByteWindow, start: number): { tail?: Uint8Array } {
  return start < window.length ? { tail: window.copy(start) } : {};
}

function needs(window: ByteWindow, bytes: number, name: string): void {
  if (window.length < bytes) {
    window.fail('DMAR_LENGTH', 2, `${name} structure of ${window.length} bytes`, `${bytes} or more`);
  }
}

function badAddress(window: ByteWindow, at: number, notes: DmarNote[]): UnknownStructure {
  notes.push({
    code: 'ADDRESS',
    offset: window.offset + at,
    message: 'address of more than 52 bits; the structure is kept as bytes',
  });
  return asBytes(window);
}

/** A structure that is kept as it is. */
export function asBytes(window: ByteWindow): UnknownStructure {
  return { type: 'unknown', code: window.u16(0), body: window.copy(4), offset: window.offset };
}
