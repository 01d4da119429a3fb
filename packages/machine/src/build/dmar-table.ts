import { bytesToHex } from './config-bytes.ts';

/** A device scope entry; `path` holds [device, function] pairs from `bus` on. */
export interface ScopePlan {
  readonly type: 'endpoint' | 'bridge' | 'io-apic' | 'hpet' | 'acpi';
  readonly id?: number;
  readonly bus: number;
  readonly path: readonly (readonly [device: number, fn: number])[];
}

/** What a DMAR table shall say. */
export interface DmarPlan {
  /** Bits of the host's addresses. */
  readonly hostAddressWidth: number;
  /** Bit 0 interrupt remapping, 1 x2APIC opt-out, 2 DMA control opt-in. */
  readonly flags: number;
  readonly units: readonly {
    readonly segment: number;
    readonly base: number;
    readonly includeAll: boolean;
    readonly scopes: readonly ScopePlan[];
  }[];
  readonly reserved?: readonly {
    readonly segment: number;
    readonly base: number;
    /** The last byte. */
    readonly limit: number;
    readonly scopes: readonly ScopePlan[];
  }[];
  /** Root ports below which ATS works. */
  readonly atsRootPorts?: readonly { readonly segment: number; readonly scopes: readonly ScopePlan[] }[];
  /** Root-complex integrated devices with an address translation cache. */
  readonly satc?: readonly {
    readonly segment: number;
    readonly required: boolean;
    readonly scopes: readonly ScopePlan[];
  }[];
}

const scopeTypes = { endpoint: 1, bridge: 2, 'io-apic': 3, hpet: 4, acpi: 5 } as const;

/** A DMAR table (VT-d 8.1) with its checksum, as hexadecimal digits. */
export function buildDmarTable(plan: DmarPlan): string {
  const out: number[] = [];
  text(out, 'DMAR');
  number(out, 0, 4);
  out.push(1, 0);
  text(out, 'QUIESC');
  text(out, 'QUIESCE ');
  number(out, 1, 4);
  text(out, 'QSCE');
  number(out, 1, 4);
  out.push(plan.hostAddressWidth - 1, plan.flags, ...new Array<number>(10).fill(0));
  for (const unit of plan.units) {
    structure(out, 0, unit.scopes, (body) => {
      body.push(unit.includeAll ? 1 : 0, 0);
      number(body, unit.segment, 2);
      number(body, unit.base, 8);
    });
  }
  for (const region of plan.reserved ?? []) {
    structure(out, 1, region.scopes, (body) => {
      body.push(0, 0);
      number(body, region.segment, 2);
      number(body, region.base, 8);
      number(body, region.limit, 8);
    });
  }
  for (const { segment, scopes } of plan.atsRootPorts ?? []) {
    structure(out, 2, scopes, (body) => {
      body.push(0, 0);
      number(body, segment, 2);
    });
  }
  for (const { segment, required, scopes } of plan.satc ?? []) {
    structure(out, 5, scopes, (body) => {
      body.push(required ? 1 : 0, 0);
      number(body, segment, 2);
    });
  }
  const bytes = Uint8Array.from(out);
  new DataView(bytes.buffer).setUint32(4, bytes.length, true);
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes[9] = (0x100 - (sum & 0xff)) & 0xff;
  return bytesToHex(bytes);
}

function structure(
  out: number[],
  type: number,
  scopes: readonly ScopePlan[],
  fill: (body: number[]) => void,
): void {
  const body: number[] = [];
  fill(body);
  for (const scope of scopes) {
    body.push(scopeTypes[scope.type], 6 + 2 * scope.path.length, 0, 0, scope.id ?? 0, scope.bus);
    for (const [device, fn] of scope.path) body.push(device, fn);
  }
  number(out, type, 2);
  number(out, 4 + body.length, 2);
  out.push(...body);
}

function number(out: number[], value: number, size: number): void {
  let rest = value;
  for (let i = 0; i < size; i++) {
    out.push(rest % 0x100);
    rest = Math.floor(rest / 0x100);
  }
}

function text(out: number[], characters: string): void {
  for (const character of characters) out.push(character.charCodeAt(0));
}
