import { type RedactionKind, redactionKinds } from './redaction-rules.ts';

/** What stands for what within one capture: the same secret has the same placeholder wherever it stands. */
export class Placeholders {
  readonly #numbers = new Map<string, number>();
  readonly #given = new Map<RedactionKind, number>();
  readonly #counts = new Map<RedactionKind, number>();

  /** Number of a secret among those of its kind, from 1; counts the replacement. */
  numberOf(kind: RedactionKind, secret: string): number {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    const key = `${kind} ${secret}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const next = (this.#given.get(kind) ?? 0) + 1;
    this.#given.set(kind, next);
    this.#numbers.set(key, next);
    return next;
  }

  /** `<uuid-1>`. Upper and lower case, and how a MAC address is punctuated, make no difference. */
  placeholder(kind: RedactionKind, secret: string): string {
    const plain = secret.toLowerCase();
    if (kind !== 'mac-address') return `<${kind}-${this.numberOf(kind, plain)}>`;
    const digits = plain.replace(/[:-]/g, '');
    const longer: RedactionKind = digits.length === 12 ? 'mac-address' : 'hardware-address';
    return `<${longer}-${this.numberOf(longer, digits)}>`;
  }

  /** Replacements by kind; kinds of which nothing was found stand with 0. */
  counts(): { readonly kind: RedactionKind; readonly count: number }[] {
    return redactionKinds.map((kind) => ({ kind, count: this.#counts.get(kind) ?? 0 }));
  }
}
