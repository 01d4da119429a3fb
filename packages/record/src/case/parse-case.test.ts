import { readFileSync } from 'node:fs';
import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCase } from './parse-case.ts';

const file = new URL('../../cases/measured-copy.json', import.meta.url);
const text = readFileSync(file, 'utf8');
const path = file.pathname;

function refusal(changed: string, at = path): UserError {
  try {
    parseCase(changed, at);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

/** The case with one field changed, laid out as a file is. */
function withField(change: (one: Record<string, unknown>) => void): string {
  const one = JSON.parse(text) as Record<string, unknown>;
  change(one);
  return JSON.stringify(one, null, 2);
}

describe('a case that is not well formed', () => {
  it('is taken as it stands', () => {
    expect(parseCase(text, path).id).toBe('measured-copy');
  });

  it('no JSON: the line where it ends', () => {
    const error = refusal(text.slice(0, text.indexOf('"reported"')));
    expect(error.code).toBe('CASE_SYNTAX');
    expect(error.message).toContain(`${path}, line `);
    expect(refusal('').code).toBe('CASE_SYNTAX');
    expect(refusal('[]').code).toBe('CASE_SHAPE');
  });

  it('a standing that there is not: the line, and which there are', () => {
    const changed = withField((one) => {
      one['standing'] = 'rumour';
    });
    const error = refusal(changed);
    const line = changed.slice(0, changed.indexOf('"rumour"')).split('\n').length;
    expect(error.place).toMatchObject({ file: path, line });
    expect(error.message).toMatch(/"reported", "measured", "prediction"/);
  });

  it('a field too many or too few', () => {
    expect(refusal(withField((one) => Object.assign(one, { verdict: 'agrees' }))).message).toContain(
      '"verdict"',
    );
    expect(refusal(withField((one) => delete one['machine'])).message).toContain('machine');
  });

  it('no counterfactual and no reason', () => {
    expect(refusal(withField((one) => delete one['counterfactual'])).message).toContain('unexplained');
  });

  it('a statement about nothing, of nothing, or with a pattern that is none', () => {
    const statements = [
      { says: 'something' },
      { says: 'something', path: '/dump' },
      { says: 'some', log: '(' },
    ];
    for (const statement of statements) {
      const error = refusal(
        withField((one) => {
          one['observed'] = [statement];
        }),
      );
      expect(error.code).toBe('CASE_SHAPE');
      expect(error.place.line).toBeGreaterThan(1);
    }
  });

  it('another id than its file has', () => {
    expect(refusal(text, '/somewhere/else.json')).toMatchObject({ code: 'CASE_ID', place: { line: 3 } });
  });

  it('whatever is cut off or changed, it is a typed error or a case', () => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(40), fc.string({ maxLength: 8 }), (at, length, put) => {
        try {
          parseCase(text.slice(0, at) + put + text.slice(at + length), path);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
