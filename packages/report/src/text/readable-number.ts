/** A number without digits that say nothing: `0.25`, `12.5`, `1,234`. */
export function readableNumber(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const size = Math.abs(value);
  const rounded = size < 1 ? value.toFixed(3) : size < 100 ? value.toFixed(1) : value.toFixed(0);
  const [whole, fraction] = rounded.split('.') as [string, string | undefined];
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  const digits = fraction?.replace(/0+$/, '') ?? '';
  return digits === '' ? grouped : `${grouped}.${digits}`;
}
