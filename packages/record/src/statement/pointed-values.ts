/**
 * The values that a JSON pointer (RFC 6901) leads to; `*` stands for every key of an object or array. Empty if there is
 * none.
 */
export function pointedValues(document: unknown, pointer: string): unknown[] {
  let values: unknown[] = [document];
  for (const raw of pointer.split('/').slice(1)) {
    const key = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    values = values.flatMap((value) => step(value, key));
  }
  return values;
}

function step(value: unknown, key: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (key === '*') return Object.values(value);
  return Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : [];
}
