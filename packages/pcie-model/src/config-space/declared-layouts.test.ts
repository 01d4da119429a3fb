import { type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import * as model from '../index.ts';

const layouts = Object.entries(model).filter(
  (entry): entry is [string, RegisterLayout] =>
    typeof entry[1] === 'object' && 'registers' in entry[1] && 'specification' in entry[1],
);
const own = layouts.filter(([, layout]) => /^PC/.test(layout.specification));

describe('declared layouts of config space', () => {
  it('are all exported', () => {
    expect(own.length).toBeGreaterThanOrEqual(39);
  });

  for (const [name, layout] of own) {
    it(`${name}: every writable bit says what it affects, or that it is storage`, () => {
      for (const register of layout.registers) {
        for (const field of register.fields) {
          if (field.access !== 'RW' && field.access !== 'WO') continue;
          expect(`${register.name}.${field.name}: ${field.description ?? ''}`).toMatch(/: .{8,}/);
        }
      }
    });

    it(`${name}: every register names its clause`, () => {
      for (const register of layout.registers) expect(register.section).toMatch(/^\d+(\.\d+)+$/);
    });
  }

  it('cannot be declared with two fields on one bit', () => {
    const field = { name: 'A', high: 3, low: 0, access: 'RW' } as const;
    const fields = [field, { ...field, name: 'B' }];
    const register = { name: 'R', offset: 0, width: 8, section: '1.1', fields } as const;
    expect(() =>
      registerLayout({ name: 'x', specification: 'PCI', size: 4, registers: [register] }),
    ).toThrow();
  });
});
