import type { Severity } from '../document.ts';
import { severityWords } from '../severity.ts';
import { element, type Markup } from './markup.ts';

/** How bad something is: sign and word, so that no one needs the colour. */
export function severityBadge(severity: Severity): Markup {
  const { sign, word } = severityWords[severity];
  return element(
    'span',
    { class: `badge ${severity}` },
    element('span', { 'aria-hidden': 'true' }, sign),
    ` ${word}`,
  );
}
