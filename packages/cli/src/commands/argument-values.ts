import { UserError } from '@quiesce/simulation';

/** `a,b` as a list. @throws UserError `USAGE` */
export function nameList(value: string): string[] {
  const items = value.split(',').map((one) => one.trim());
  if (items.some((one) => one === '')) {
    throw new UserError('USAGE', `"${value}" has an empty name`, { expected: 'names separated by commas' });
  }
  const twice = items.find((one, index) => items.indexOf(one) !== index);
  if (twice !== undefined) throw new UserError('USAGE', `"${value}" names ${twice} twice`);
  return items;
}

/** For an option that may be given several times. */
export function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** A whole number of `low` to `high`. The result throws UserError `USAGE`. */
export function wholeNumber(option: string, low: number, high: number): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= low && number <= high)) {
      throw new UserError('USAGE', `${option} ${value} is out of range`, {
        expected: `a whole number of ${low} to ${high}`,
      });
    }
    return number;
  };
}
