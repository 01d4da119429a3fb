import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GuestRegisters } from './guest-registers.ts';

/** 17 registers of 8 bytes, EFLAGS of 4, six segments. */
const DIGITS = 17 * 16 + 8 + 6 * 8;
const RIP_AT = 16 * 16;

it('registers are told most significant digit first', () => {
  const hex = `${'0'.repeat(RIP_AT)}b86e0883ffffffff02020000`.padEnd(DIGITS, '0');
  const registers = new GuestRegisters(hex);
  expect(registers.get('rip')).toBe('ffffffff83086eb8');
  expect(registers.interruptsEnabled).toBe(true);
  expect(registers.withInterruptsDisabled().interruptsEnabled).toBe(false);
  expect(registers.withInterruptsDisabled().get('rip')).toBe('ffffffff83086eb8');
});

it('a register that is written changes, and no other digit does', () => {
  const names = ['rax', 'rdi', 'rsp', 'r15', 'rip'] as const;
  const digits = fc.string({
    unit: fc.constantFrom(...'0123456789abcdef'),
    minLength: DIGITS,
    maxLength: DIGITS,
  });
  const value = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(digits, fc.constantFrom(...names), value, (hex, name, wanted) => {
      const before = new GuestRegisters(hex);
      const after = before.with(name, wanted);
      expect(after.get(name)).toBe(wanted);
      expect(after.with(name, before.get(name)).hex).toBe(hex);
    }),
  );
});
