import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIomem } from './iomem.ts';

const file = 'iomem.txt';

describe('parseIomem', () => {
  it('keeps the nesting', () => {
    const { regions, readable, notes } = parseIomem(
      `00100000-3ffd5fff : System RAM
  01000000-01e01d31 : Kernel code
  2e000000-3dffffff : Crash kernel
40000000-afffffff : PCI Bus 0000:00
  fd600000-fd7fffff : PCI Bus 0000:06
`,
      { file },
    );
    expect(readable).toBe(true);
    expect(regions).toMatchObject([
      {
        start: 0x10_0000,
        end: 0x3ffd_6000,
        label: 'System RAM',
        children: [
          { start: 0x100_0000, end: 0x1e0_1d32, label: 'Kernel code', children: [] },
          { start: 0x2e00_0000, end: 0x3e00_0000, label: 'Crash kernel', line: 3, children: [] },
        ],
      },
      { label: 'PCI Bus 0000:00', children: [{ label: 'PCI Bus 0000:06' }] },
    ]);
    expect(notes).toEqual([
      { file, line: 5, message: 'region PCI Bus 0000:06 reaches beyond PCI Bus 0000:00, in which it stands' },
    ]);
  });

  it('says that an ordinary user read it', () => {
    const text = '00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n';
    const { regions, readable, notes } = parseIomem(text, { file });
    expect([regions, readable]).toEqual([[], false]);
    expect(notes[0]?.message).toMatch('without privilege');
  });

  it('passes a heading over, and addresses that no processor has', () => {
    const text = '*** /proc/iomem\n00100000-001fffff : System RAM\n100000000-ffffffffffffffff : hole\n';
    const { regions, notes } = parseIomem(text, { file });
    expect(regions).toHaveLength(1);
    expect(notes.map((one) => one.line)).toEqual([1, 3]);
  });

  it('leaves out what cannot be, and says where', () => {
    const text =
      '> 00200000-00100000 : System RAM\n> 00300000-003fffff : System RAM\n>   00300000-0030ffff : Crash kernel\n';
    const { regions, notes } = parseIomem(text, { file });
    expect(regions).toMatchObject([{ start: 0x30_0000, children: [{ label: 'Crash kernel' }] }]);
    expect(notes).toMatchObject([{ line: 1 }]);
    const many = parseIomem('00200000-00200001 : x\n'.repeat(9000), { file });
    expect(many.regions).toHaveLength(8192);
    expect(many.notes).toMatchObject([{ line: 8193 }]);
  });

  it.each([
    ['nothing', '', 'IOMEM_EMPTY'],
    ['other text', 'System RAM is 1 GiB\n', 'IOMEM_EMPTY'],
  ])('refuses %s', (_, text, code) => {
    expect(() => parseIomem(text, { file })).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('bounds the depth of what it builds', () => {
    const lines = Array.from({ length: 5000 }, (_, depth) => `${' '.repeat(depth)}00100000-001fffff : x`);
    const { regions } = parseIomem(lines.join('\n'), { file });
    let depth = 0;
    for (let at = regions; at.length > 0; at = at[0]?.children ?? []) depth++;
    expect(depth).toBeLessThan(100);
  });

  it('reads, or refuses with a typed error, whatever it is given', () => {
    const line = fc
      .tuple(fc.nat({ max: 6 }), fc.nat(), fc.nat(), fc.string({ maxLength: 20 }))
      .map(([indent, a, b, label]) => {
        return `${' '.repeat(indent)}${a.toString(16)}-${b.toString(16)} : ${label}`;
      });
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
        try {
          parseIomem(lines.join('\n'), { file });
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
