import { describe, expect, it } from 'vitest';
import { AssertionError, assert } from './assert.ts';
import { UserError } from './user-error.ts';

describe('UserError', () => {
  it('says where, what and what would have been right', () => {
    const error = new UserError('DMAR_TRUNCATED', 'the table ends within a structure', {
      expected: 'at least 16 bytes',
      place: { file: 'dmar.bin', offset: 0x30 },
    });
    expect(error.message).toBe(
      'dmar.bin, offset 0x30: the table ends within a structure (expected at least 16 bytes)',
    );
    expect(error).toMatchObject({ name: 'UserError', code: 'DMAR_TRUNCATED', place: { offset: 0x30 } });
    expect(new UserError('X', 'no place').message).toBe('no place');
    expect(new UserError('X', 'bad', { place: { line: 3 } }).message).toBe('line 3: bad');
  });
});

it('assert throws what is no UserError', () => {
  assert(true, 'never seen');
  expect(() => assert(false, 'broken')).toThrow(AssertionError);
  expect(() => assert(false, 'broken')).not.toThrow(UserError);
});
