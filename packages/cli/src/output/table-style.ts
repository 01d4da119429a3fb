import type Table from 'cli-table3';

/** Blanks between two columns. */
const GAP = 2;

/** Columns without borders, two blanks apart. */
export function borderless(colAligns: ('left' | 'right')[]): Table.TableConstructorOptions {
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

/** Columns of this rank stay however narrow the terminal is. */
const NEVER_LEFT_OUT = 99;

/** The columns that fit into `width` characters: those of the lowest rank give way. */
export function fitting<Column extends { readonly rank: number }>(
  columns: readonly Column[],
  widthOf: (column: Column) => number,
  width: number,
): Column[] {
  let shown = [...columns];
  while (shown.reduce((sum, column) => sum + widthOf(column) + GAP, -GAP) > width) {
    const lowest = Math.min(...shown.map((column) => column.rank));
    if (lowest === NEVER_LEFT_OUT) break;
    shown = shown.filter((column) => column.rank !== lowest);
  }
  return shown;
}

/** The lines of a table, without blanks at their ends. */
export function linesOf(table: Table.Table): string[] {
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
