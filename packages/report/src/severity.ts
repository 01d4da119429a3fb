import type { Severity } from './document.ts';

/** From the worst to the best. */
export const severities: readonly Severity[] = ['critical', 'warning', 'note', 'good'];

/** How a severity is said: a word, and a sign that needs no colour. */
export const severityWords: Readonly<Record<Severity, { readonly word: string; readonly sign: string }>> = {
  critical: { word: 'CRITICAL', sign: '✖' },
  warning: { word: 'WARNING', sign: '▲' },
  note: { word: 'note', sign: '○' },
  good: { word: 'good', sign: '✔' },
};

/** Negative if `a` is worse than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return severities.indexOf(a) - severities.indexOf(b);
}
