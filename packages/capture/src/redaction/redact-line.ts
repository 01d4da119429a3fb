import type { Placeholders } from './placeholders.ts';
import { type RedactionRule, redactionRules } from './redaction-rules.ts';

/** A rule as regular expressions. */
interface Compiled {
  readonly rule: RedactionRule;
  readonly pattern: RegExp;
  readonly keptStart: RegExp | undefined;
  readonly keptEnd: RegExp | undefined;
  readonly only: RegExp | undefined;
  readonly except: RegExp | undefined;
  readonly notAfter: RegExp | undefined;
  readonly notBefore: RegExp | undefined;
}

const rules: readonly Compiled[] = redactionRules.map((rule) => ({
  rule,
  pattern: new RegExp(linear(rule.pattern), 'g'),
  keptStart: expression(rule.keptStart, '^(?:', ')'),
  keptEnd: expression(rule.keptEnd, '(?:', ')$'),
  only: expression(rule.only),
  except: expression(rule.except),
  notAfter: expression(rule.notAfter, '(?:', ')$'),
  notBefore: expression(rule.notBefore, '^(?:', ')'),
}));

function expression(source: string | undefined, before = '', after = ''): RegExp | undefined {
  return source === undefined ? undefined : new RegExp(`${before}${posix(source)}${after}`);
}

/** In POSIX brackets, `[^]x]` is a class with a closing bracket in it; in JavaScript that is escaped. */
function posix(source: string): string {
  return source.replaceAll('[^]', '[^\\]');
}

/**
 * A pattern that begins with a run of characters would be tried from each of them, in vain and in quadratic time; where
 * it could only begin at the start of the run anyway, that is said. What is found is the same.
 */
function linear(source: string): string {
  const run = /^(?:\[[A-Za-z]?[^\]]*\])?(\[[^\]]+\])[*+]/.exec(source)?.[1];
  return run === undefined ? posix(source) : `(?<!${run})${posix(source)}`;
}

/** Longer lines are cut into pieces of this length, so that no line takes long. */
const pieceLength = 8192;
const rounds = 4;

/**
 * One line without what tells whose machine it is. Placeholders stay as they are, so that doing it twice changes nothing.
 * @param hostNames in lower case, longest first; replaced wherever they stand as a word
 */
export function redactLine(
  line: string,
  placeholders: Placeholders,
  hostNames: readonly string[] = [],
): string {
  if (line.length > pieceLength) {
    const pieces: string[] = [];
    for (let at = 0; at < line.length; ) {
      // Between two words if there are two: a secret that is cut is not known as one.
      const blank = line.lastIndexOf(' ', at + pieceLength - 1);
      const end = blank > at && at + pieceLength < line.length ? blank : at + pieceLength;
      pieces.push(redactLine(line.slice(at, end), placeholders, hostNames));
      at = end;
    }
    return pieces.join('');
  }
  let text = line;
  for (let round = 0; round < rounds; round++) {
    const before = text;
    for (const one of rules) text = applyRule(text, one, placeholders);
    for (const name of hostNames) text = replaceWord(text, name, placeholders);
    if (text === before) break;
  }
  return text;
}

function applyRule(line: string, one: Compiled, placeholders: Placeholders): string {
  const { pattern, rule } = one;
  if (rule.ifLineHas !== undefined && !line.includes(rule.ifLineHas)) return line;
  let result = '';
  let taken = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(line); match !== null; match = pattern.exec(line)) {
    const found = match[0];
    const end = match.index + found.length;
    if (one.notAfter?.test(line.slice(Math.max(0, match.index - 24), match.index)) === true) {
      pattern.lastIndex = match.index + 1;
      continue;
    }
    pattern.lastIndex = end;
    if (one.notBefore?.test(line.slice(end, end + 24)) === true) continue;
    const start = one.keptStart?.exec(found)?.[0] ?? '';
    const rest = found.slice(start.length);
    const kept = one.keptEnd?.exec(rest)?.[0] ?? '';
    const secret = rest.slice(0, rest.length - kept.length);
    if (secret === '' || one.only?.test(secret) === false || one.except?.test(secret) === true) continue;
    result += line.slice(taken, match.index) + start + placeholders.placeholder(rule.kind, secret) + kept;
    taken = end;
  }
  return result + line.slice(taken);
}

function replaceWord(line: string, name: string, placeholders: Placeholders): string {
  const lower = line.toLowerCase();
  let result = '';
  let taken = 0;
  for (let at = lower.indexOf(name); at >= 0; at = lower.indexOf(name, at)) {
    const end = at + name.length;
    if (isWordCharacter(line[at - 1]) || isWordCharacter(line[end])) {
      at++;
      continue;
    }
    result += line.slice(taken, at) + placeholders.placeholder('host-name', name);
    taken = end;
    at = end;
  }
  return result + line.slice(taken);
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[0-9A-Za-z]/.test(character);
}
