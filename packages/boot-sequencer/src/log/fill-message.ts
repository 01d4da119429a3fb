/** Fills what stands in braces in a wording; a name that `values` does not have stays as it is. */
export function fillMessage(wording: string, values: Readonly<Record<string, string | number>>): string {
  let result = '';
  let from = 0;
  for (;;) {
    const open = wording.indexOf('{', from);
    const close = open < 0 ? -1 : wording.indexOf('}', open);
    if (close < 0) return result + wording.slice(from);
    const value = values[wording.slice(open + 1, close)];
    result += wording.slice(from, open) + (value ?? wording.slice(open, close + 1));
    from = close + 1;
  }
}

/** Hexadecimal, at least `digits` long. */
export function hex(value: number, digits = 1): string {
  return value.toString(16).padStart(digits, '0');
}
