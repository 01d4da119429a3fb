import { describe, expect, it } from 'vitest';
import type { FieldDeclaration } from './layout.ts';
import { registerLayout } from './layout.ts';

function oneRegister(width: 8 | 16 | 32 | 64, ...fields: FieldDeclaration[]) {
  return registerLayout({
    name: 'L',
    specification: '-',
    size: 8,
    registers: [{ name: 'R', offset: 0, width, section: '-', fields }],
  });
}

describe('registerLayout', () => {
  it('names fields by register, with place and width', () => {
    const layout = oneRegister(32, { name: 'F', high: 11, low: 4, access: 'RW', reset: 3 });
    expect(layout.field['R.F']).toMatchObject({ register: 'R', offset: 0, low: 4, width: 8, reset: 3 });
    expect(layout.register.R).toMatchObject({ width: 32 });
  });

  it('refuses fields that overlap, lie outside or are upside down', () => {
    const field = { name: 'F', high: 3, low: 0, access: 'RW' } as const;
    expect(() => oneRegister(8, field, { ...field, name: 'G', low: 3 })).toThrow(/bit 3 is taken/);
    expect(() => oneRegister(8, { ...field, high: 8 })).toThrow(/L\.R\.F/);
    expect(() => oneRegister(8, { ...field, high: 0, low: 1 })).toThrow(/L\.R\.F/);
  });

  it('refuses registers that lie outside, overlap or share a name', () => {
    const register = { name: 'R', offset: 0, width: 32, section: '-', fields: [] } as const;
    const declare = (...registers: Parameters<typeof registerLayout>[0]['registers']) =>
      registerLayout({ name: 'L', specification: '-', size: 4, registers });
    const byte = [{ name: 'F', high: 7, low: 0, access: 'RW' }] as const;
    expect(() => declare({ ...register, offset: 1 })).toThrow(/lies outside/);
    expect(() => declare(register, register)).toThrow(/twice/);
    expect(() => declare({ ...register, fields: byte }, { ...register, name: 'S', fields: byte })).toThrow(
      /taken/,
    );
  });

  it('refuses a reset value that its field cannot hold, and two fields of one name', () => {
    const field = { name: 'F', high: 3, low: 0, access: 'RW' } as const;
    expect(() => oneRegister(8, { ...field, reset: 16 })).toThrow(/reset value/);
    expect(() => oneRegister(8, field, { ...field, high: 7, low: 4 })).toThrow(/twice/);
  });
});
