import { type Address, assert, highWord, lowWord } from '@quiesce/simulation';
import { type DeviceScope, DMAR_HEADER_BYTES, type Dmar, type DmarStructure } from './dmar-table.ts';

const typeCodes = { DRHD: 0, RMRR: 1, ATSR: 2, RHSA: 3, ANDD: 4, SATC: 5, SIDP: 6 } as const;

/** The bytes of a table; of one that {@link parseDmar} read, the same bytes again. */
export function buildDmar(dmar: Dmar): Uint8Array {
  const out: number[] = [];
  putText(out, 'DMAR', 4);
  put32(out, 0);
  out.push(dmar.revision, dmar.checksum ?? 0);
  putText(out, dmar.oemId, 6);
  putText(out, dmar.oemTableId, 8);
  put32(out, dmar.oemRevision);
  putText(out, dmar.creatorId, 4);
  put32(out, dmar.creatorRevision);
  out.push(dmar.hostAddressWidth, dmar.flags);
  for (let i = 0; i < 10; i++) out.push(dmar.reserved?.[i] ?? 0);
  assert(out.length === DMAR_HEADER_BYTES, 'the header has 48 bytes');
  for (const structure of dmar.structures) putStructure(out, structure);
  for (const byte of dmar.remainder ?? []) out.push(byte);
  const length = out.length;
  const bytes = new Uint8Array(length + (dmar.trailing?.length ?? 0));
  bytes.set(out);
  new DataView(bytes.buffer).setUint32(4, dmar.statedLength ?? length, true);
  if (dmar.checksum === undefined) {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += bytes[i] as number;
    bytes[9] = -sum & 0xff;
  }
  if (dmar.trailing !== undefined) bytes.set(dmar.trailing, length);
  return bytes;
}

function putStructure(out: number[], structure: DmarStructure): void {
  const start = out.length;
  put16(out, structure.type === 'unknown' ? structure.code : typeCodes[structure.type]);
  put16(out, 0);
  putBody(out, structure);
  const length = out.length - start;
  assert(length <= 0xffff, `a structure of ${length} bytes does not fit its length field`);
  out[start + 2] = length & 0xff;
  out[start + 3] = length >> 8;
}

function putBody(out: number[], structure: DmarStructure): void {
  switch (structure.type) {
    case 'unknown':
      for (const byte of structure.body) out.push(byte);
      return;
    case 'DRHD':
      out.push(structure.flags, structure.size ?? 0);
      put16(out, structure.segment);
      put64(out, structure.registerBase);
      putScopes(out, structure.scopes);
      break;
    case 'RMRR':
      put16(out, structure.reserved ?? 0);
      put16(out, structure.segment);
      put64(out, structure.base);
      put64(out, structure.limit);
      putScopes(out, structure.scopes);
      break;
    case 'ATSR':
    case 'SATC':
      out.push(structure.flags, structure.reserved ?? 0);
      put16(out, structure.segment);
      putScopes(out, structure.scopes);
      break;
    case 'RHSA':
      put32(out, structure.reserved ?? 0);
      put64(out, structure.registerBase);
      put32(out, structure.proximityDomain);
      break;
    case 'ANDD':
      put32(out, ((structure.reserved ?? 0) & 0xff_ffff) | (structure.deviceNumber << 24));
      putText(out, structure.name, structure.name.length);
      // A name that was captured carries what followed it; one that was written gets its terminator.
      if (structure.offset === undefined && structure.tail === undefined) out.push(0);
      break;
    case 'SIDP':
      put16(out, structure.reserved ?? 0);
      put16(out, structure.segment);
      putScopes(out, structure.scopes);
      break;
  }
  for (const byte of structure.tail ?? []) out.push(byte);
}

function putScopes(out: number[], scopes: readonly DeviceScope[]): void {
  for (const scope of scopes) {
    const length = 6 + 2 * scope.path.length;
    assert(length <= 0xff, `a device scope of ${length} bytes does not fit its length field`);
    out.push(scope.type, length);
    put16(out, scope.reserved ?? 0);
    out.push(scope.enumerationId, scope.startBus);
    for (const { device, fn } of scope.path) out.push(device, fn);
  }
}

function put16(out: number[], value: number): void {
  out.push(value & 0xff, (value >>> 8) & 0xff);
}

function put32(out: number[], value: number): void {
  put16(out, value & 0xffff);
  put16(out, (value >>> 16) & 0xffff);
}

function put64(out: number[], value: Address): void {
  put32(out, lowWord(value));
  put32(out, highWord(value));
}

/** One byte per character, filled up with blanks. */
function putText(out: number[], text: string, bytes: number): void {
  for (let i = 0; i < bytes; i++) out.push(i < text.length ? text.charCodeAt(i) & 0xff : 0x20);
}
