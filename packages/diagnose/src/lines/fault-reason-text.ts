import { faultReason, faultReasons } from '@quiesce/vtd-iommu';

/** What a printed fault reason comes to. */
export interface ReadReason {
  /** 0 .. 0xff; undefined where the line has lost it. */
  readonly code?: number;
  readonly text: string;
  /** Clause of the VT-d specification. */
  readonly section?: string;
  readonly damage: readonly string[];
  /** Why the line cannot be a kernel's: number and text belong to different reasons. */
  readonly contradiction?: string;
}

/**
 * Number and text of a fault reason. Linux printed it in decimal before 5.14 and in hexadecimal with 0x since; Xen
 * prints hexadecimal without 0x. What the text says decides where the digits allow both.
 */
export function readReason(printed: string, text: string, hexadecimalFirst: boolean): ReadReason {
  const said = text.replace(/\$$/, '').trim();
  const codes = readings(printed, hexadecimalFirst);
  for (const code of codes) {
    const damage = likeness(said, linuxText(code));
    if (damage !== undefined) return found(code, said, damage);
  }
  const owner = faultReasons.find((one) => likeness(said, one.text)?.length === 0);
  const number = codes[0] as number;
  const belongs =
    owner === undefined ? 'no kernel has that text' : `that text belongs to reason ${hex(owner.code)}`;
  return {
    text: said,
    damage: [],
    contradiction: `fault reason ${printed} is "${linuxText(number)}", not "${said.slice(0, 80)}": ${belongs}`,
  };
}

/** True for reasons of interrupt requests (VT-d 11.4.14): Linux picks the wording of the line by it. */
export function isInterruptReason(code: number): boolean {
  return code >= 0x20 && code <= 0x26;
}

function readings(printed: string, hexadecimalFirst: boolean): readonly number[] {
  if (/^0x/i.test(printed)) return [Number.parseInt(printed, 16)];
  const hexadecimal = Number.parseInt(printed, 16);
  const decimal = /^\d+$/.test(printed) ? Number.parseInt(printed, 10) : hexadecimal;
  const both = hexadecimalFirst ? [hexadecimal, decimal] : [decimal, hexadecimal];
  return both[0] === both[1] ? [hexadecimal] : both;
}

function found(code: number, said: string, damage: readonly string[]): ReadReason {
  const known = faultReason(code);
  return {
    code,
    text: known?.text ?? (said === '' ? linuxText(code) : said),
    ...(known === undefined ? {} : { section: known.section }),
    damage,
  };
}

function linuxText(code: number): string {
  return code === 0 ? 'Software' : (faultReason(code)?.text ?? 'Unknown');
}

/** Damage that turns the known text into what is said; undefined if none does. */
function likeness(said: string, known: string): readonly string[] | undefined {
  const [a, b] = [said.toLowerCase(), known.toLowerCase()];
  if (a === b || (a.startsWith(b) && !/^[\w-]/.test(a.slice(b.length)))) return [];
  if (a === 'unknown') return [];
  if (b.startsWith(a)) return ['cut'];
  if (a.length >= b.length * 0.6 && isSubsequence(a, b)) return ['characters-lost'];
  return;
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const character of part) {
    at = whole.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`;
}
