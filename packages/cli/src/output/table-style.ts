import type { TableConstructorOptions } from 'cli-table3';

/** Blanks between two columns. */
export const GAP = 2;

/** Columns without borders, two blanks apart. */
export function borderless(colAligns: ('left' | 'right')[]): TableConstructorOptions {
  return {
    chars: { ...noBorders, middle: ' '.repeat(GAP) },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns,
  };
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
};
