import { printable } from '../text/printable.ts';

/** Text that is HTML already. Made by {@link element} and {@link markup} alone, so that nothing gets there unescaped. */
export class Markup {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

/** What stands in an element: strings are escaped, `undefined` is nothing. */
export type Content = string | Markup | undefined | readonly Content[];

/** Values of attributes are escaped; `true` gives an attribute without a value, `false` and `undefined` none. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Elements without an end tag (HTML standard, 13.1.2). */
const VOID = new Set(['meta', 'br', 'hr']);

/** An element of HTML or SVG. Names of elements and attributes are ours, never those of a document. */
export function element(name: string, attributes: Attributes, ...content: readonly Content[]): Markup {
  let tag = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    tag += value === true ? ` ${key}` : ` ${key}="${escapeHtml(String(value))}"`;
  }
  return new Markup(VOID.has(name) ? `${tag}>` : `${tag}>${markup(content).html}</${name}>`);
}

/** Several pieces as one. */
export function markup(content: Content): Markup {
  if (content === undefined) return new Markup('');
  if (content instanceof Markup) return content;
  if (typeof content === 'string') return new Markup(escapeHtml(content));
  return new Markup(content.map((one) => markup(one).html).join(''));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Printable text for the inside of elements and of quoted attributes. */
function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (one) => ENTITIES[one] as string);
}
