import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegisterAccess, ResetKind } from './access.ts';
import { type RegisterDeclaration, type RegisterLayout, registerLayout } from './layout.ts';
import { type AccessSize, RegisterFile } from './register-file.ts';

const command = registerLayout({
  name: 'device control',
  specification: 'made up for this test',
  size: 16,
  registers: [
    {
      name: 'CONTROL',
      offset: 0,
      width: 16,
      section: '1',
      fields: [
        { name: 'ENABLE', high: 0, low: 0, access: 'RW' },
        { name: 'MODE', high: 3, low: 1, access: 'RW', reset: 5, sticky: true },
        { name: 'RESERVED', high: 7, low: 4, access: 'RsvdP' },
        { name: 'START', high: 8, low: 8, access: 'WO' },
        { name: 'LATCH', high: 9, low: 9, access: 'RW1S' },
      ],
    },
    {
      name: 'STATUS',
      offset: 2,
      width: 16,
      section: '2',
      fields: [
        { name: 'VERSION', high: 3, low: 0, access: 'RO', reset: 2 },
        { name: 'ERROR', high: 4, low: 4, access: 'RW1C' },
        { name: 'FATAL', high: 5, low: 5, access: 'RW1C', sticky: true },
        { name: 'ZERO', high: 15, low: 8, access: 'RsvdZ' },
      ],
    },
    {
      name: 'BASE',
      offset: 8,
      width: 64,
      section: '3',
      fields: [
        { name: 'VALID', high: 0, low: 0, access: 'RW' },
        { name: 'ADDRESS', high: 63, low: 12, access: 'RW' },
      ],
    },
  ],
});
const { field } = command;

function deviceControl(): RegisterFile {
  const file = new RegisterFile(16);
  file.place(command);
  return file;
}

describe('RegisterFile', () => {
  it('takes reset values as it is placed', () => {
    const file = deviceControl();
    expect(file.get(field['CONTROL.MODE'])).toBe(5);
    expect(file.read(2, 2)).toBe(2);
  });

  it('lets software write RW bits, and nothing else', () => {
    const file = deviceControl();
    file.write(0, 2, 0xffff);
    expect(file.read(0, 2)).toBe(0x020f);
    file.write(0, 2, 0);
    expect(file.read(0, 2)).toBe(0x0200);
  });

  it('clears RW1C bits where ones are written', () => {
    const file = deviceControl();
    file.set(field['STATUS.ERROR'], 1);
    file.set(field['STATUS.FATAL'], 1);
    file.write(2, 2, 0);
    expect(file.read(2, 2)).toBe(0x32);
    file.write(2, 2, 0x10);
    expect(file.read(2, 2)).toBe(0x22);
  });

  it('shows WO fields to the hook alone', () => {
    const file = deviceControl();
    const seen: number[][] = [];
    file.onWrite(0, 16, (...one) => seen.push(one));
    file.write(1, 1, 0x01);
    expect(seen).toEqual([[0, 0x0002_010a, 0x0002_000a, 0xff00]]);
    expect(file.read(0, 2)).toBe(0x000a);
  });

  it('runs hooks once per dword touched, lower one first, and read hooks before the read', () => {
    const file = deviceControl();
    const order: string[] = [];
    file.onWrite(8, 64, (offset) => order.push(`write ${offset}`));
    file.onRead(8, 64, (offset) => {
      order.push(`read ${offset}`);
      if (offset === 12) file.poke8(12, 0x77);
    });
    file.write(10, 4, 0x1122_3344);
    expect(file.read(10, 4)).toBe(0x1177_3344);
    expect(order).toEqual(['write 8', 'write 12', 'read 8', 'read 12']);
  });

  it('reads and writes fields of 52 bits from the hardware side', () => {
    const file = deviceControl();
    const address = 0x000f_edcb_a987_6543;
    file.set(field['BASE.ADDRESS'], address);
    expect(file.get(field['BASE.ADDRESS'])).toBe(address);
    expect(file.peek32(8)).toBe(0x7654_3000);
    expect(file.peek32(12)).toBe(0xfedc_ba98);
    expect(file.get(field['BASE.VALID'])).toBe(0);
  });

  it('keeps sticky fields over a conventional reset and not over a cold one', () => {
    const file = deviceControl();
    file.write(0, 1, 0x07);
    file.set(field['STATUS.FATAL'], 1);
    file.set(field['STATUS.ERROR'], 1);
    file.reset('conventional');
    expect(file.get(field['CONTROL.MODE'])).toBe(3);
    expect(file.get(field['CONTROL.ENABLE'])).toBe(0);
    expect(file.read(2, 2)).toBe(0x22);
    file.reset('cold');
    expect(file.get(field['CONTROL.MODE'])).toBe(5);
    expect(file.read(2, 2)).toBe(2);
  });

  it('keeps captured bytes when asked to, and brings read-only ones back on reset', () => {
    const captured = new Uint8Array(16).fill(0xa5);
    const file = new RegisterFile(16, captured);
    file.place(command, 0, { keepValues: true });
    expect(file.bytes()).toEqual(captured);
    file.poke8(2, 0);
    file.poke8(4, 0);
    file.reset('cold');
    expect(file.get(field['STATUS.VERSION'])).toBe(5);
    expect(file.get(field['CONTROL.MODE'])).toBe(5);
    expect(file.get(field['CONTROL.ENABLE'])).toBe(0);
    expect(file.peek8(4)).toBe(0xa5);
  });

  it('answers all ones beyond its end and drops writes there', () => {
    const file = deviceControl();
    expect(file.read(16, 1)).toBe(0xff);
    expect(file.read(16, 2)).toBe(0xffff);
    expect(file.read(4096, 4)).toBe(0xffff_ffff);
    file.poke8(15, 0);
    expect(file.read(14, 4)).toBe(0xffff_0000);
    file.write(15, 4, 0xffff_ffff);
    expect(file.peek8(15)).toBe(0xff);
  });

  it('does not share a mask that one file changed', () => {
    const one = deviceControl();
    const other = deviceControl();
    one.setWritable(4, 0xf0);
    one.write(4, 1, 0xff);
    other.write(4, 1, 0xff);
    expect(one.writableMask(4)).toBe(0xf0);
    expect([one.read(4, 1), other.read(4, 1)]).toEqual([0xf0, 0]);
    one.place(command);
    expect(one.writableMask(4)).toBe(0xf0);
  });

  it('follows the layout that was laid over another last', () => {
    const sealed = registerLayout({
      name: 'sealed',
      specification: 'made up for this test',
      size: 4,
      registers: [
        {
          name: 'ALL',
          offset: 0,
          width: 32,
          section: '1',
          fields: [{ name: 'ALL', high: 31, low: 0, access: 'RO', reset: 0x77 }],
        },
      ],
    });
    const file = deviceControl();
    file.place(sealed);
    file.write(0, 4, 0xffff_ffff);
    expect(file.read(0, 4)).toBe(0x77);
    file.setWritable(4, 0xff);
    file.place(sealed, 4);
    expect(file.writableMask(4)).toBe(0);
  });

  it('refuses a layout that does not fit', () => {
    expect(() => new RegisterFile(16).place(command, 4)).toThrow(/does not fit/);
    expect(() => new RegisterFile(7)).toThrow(/multiple of 4/);
  });

  it('restores and hashes what it holds', () => {
    const file = deviceControl();
    const fresh = file.snapshot();
    file.write(8, 4, 0xffff_ffff);
    file.restore(fresh);
    expect(file.bytes()).toEqual(deviceControl().bytes());
    expect(() => file.restore(new Uint8Array(8))).toThrow(/16 bytes/);
  });
});

/** The same rules, one bit at a time. */
class BitByBit {
  readonly bits: { access: RegisterAccess | 'none'; value: number; reset: number; sticky: boolean }[];
  constructor(size: number, layout: RegisterLayout) {
    this.bits = Array.from({ length: size * 8 }, () => ({
      access: 'none',
      value: 0,
      reset: 0,
      sticky: false,
    }));
    for (const one of Object.values(layout.field)) {
      for (let i = 0; i < one.width; i++) {
        const reset = Number((BigInt(one.reset ?? 0) >> BigInt(i)) & 1n);
        const bit = { access: one.access, value: reset, reset, sticky: one.sticky === true };
        this.bits[one.offset * 8 + one.low + i] = bit;
      }
    }
  }
  write(offset: number, size: number, value: number): void {
    for (let i = 0; i < size * 8; i++) {
      const bit = this.bits[offset * 8 + i];
      if (bit === undefined) continue;
      const written = Number((BigInt(value) >> BigInt(i)) & 1n);
      if (bit.access === 'RW') bit.value = written;
      if (bit.access === 'RW1C' && written === 1) bit.value = 0;
      if (bit.access === 'RW1S' && written === 1) bit.value = 1;
    }
  }
  read(offset: number, size: number): number {
    let value = 0n;
    for (let i = size * 8 - 1; i >= 0; i--) {
      const bit = this.bits[offset * 8 + i];
      const seen = bit === undefined ? 1 : bit.access === 'WO' || bit.access === 'RsvdZ' ? 0 : bit.value;
      value = value * 2n + BigInt(seen);
    }
    return Number(value);
  }
  reset(kind: ResetKind): void {
    for (const bit of this.bits) if (kind === 'cold' || !bit.sticky) bit.value = bit.reset;
  }
}

const SIZE = 24;
const access = fc.constantFrom<RegisterAccess>('RO', 'RW', 'RW1C', 'RW1S', 'WO', 'RsvdP', 'RsvdZ');

/** Any layout of 24 bytes: registers of all widths, cut into fields of all classes at random places. */
const anyLayout = fc
  .array(
    fc.record({
      width: fc.constantFrom<8 | 16 | 32 | 64>(8, 16, 32, 64),
      cuts: fc.array(fc.integer({ min: 1, max: 63 }), { maxLength: 6 }),
      fields: fc.array(fc.record({ access, sticky: fc.boolean(), reset: fc.nat() }), {
        minLength: 7,
        maxLength: 7,
      }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((wanted) => {
    const registers: RegisterDeclaration[] = [];
    let offset = 0;
    for (const [index, { width, cuts, fields }] of wanted.entries()) {
      if (offset + width / 8 > SIZE) break;
      const edges = [...new Set([0, ...cuts.filter((cut) => cut < width), width])].sort((a, b) => a - b);
      registers.push({
        name: `R${index}`,
        offset,
        width,
        section: '-',
        fields: edges.slice(1).map((edge, i) => {
          const low = edges[i] as number;
          const bits = Math.min(edge - low, 30);
          const chosen = fields[i % fields.length] as (typeof fields)[number];
          return { name: `F${i}`, high: edge - 1, low, ...chosen, reset: chosen.reset % 2 ** bits };
        }),
      });
      offset += width / 8;
    }
    return registerLayout({ name: 'any', specification: '-', size: SIZE, registers });
  });

const anyStep = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    offset: fc.integer({ min: 0, max: SIZE + 2 }),
    size: fc.constantFrom<AccessSize>(1, 2, 4),
    value: fc.nat(0xffff_ffff),
  }),
  fc.record({
    kind: fc.constant('reset' as const),
    reset: fc.constantFrom<ResetKind>('cold', 'conventional', 'function-level'),
  }),
);

describe('every layout, every access size, every alignment', () => {
  it('does what the same rules do bit by bit', () => {
    fc.assert(
      fc.property(anyLayout, fc.array(anyStep, { maxLength: 30 }), (layout, steps) => {
        const file = new RegisterFile(SIZE);
        file.place(layout);
        const model = new BitByBit(SIZE, layout);
        for (const step of steps) {
          if (step.kind === 'reset') {
            file.reset(step.reset);
            model.reset(step.reset);
          } else {
            const value = step.value % 2 ** (step.size * 8);
            file.write(step.offset, step.size, value);
            model.write(step.offset, step.size, value);
          }
          for (const size of [1, 2, 4] as const) {
            for (let at = 0; at < SIZE + 4; at++) {
              expect(file.read(at, size), `${size} bytes at ${at}`).toBe(model.read(at, size));
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives back any field value that hardware sets, and leaves its neighbours alone', () => {
    fc.assert(
      fc.property(anyLayout, fc.nat(0xffff_ffff), fc.nat(0xf_ffff), (layout, low, high) => {
        const file = new RegisterFile(SIZE);
        file.place(layout);
        const fields = Object.values(layout.field).filter((one) => one.width <= 52);
        const wanted = fields.map((one) => (low + high * 2 ** 32) % 2 ** one.width);
        for (const [i, one] of fields.entries()) file.set(one, wanted[i] as number);
        expect(fields.map((one) => file.get(one))).toEqual(wanted);
      }),
    );
  });
});
