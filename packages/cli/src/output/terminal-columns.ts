import type { CommandIo } from '../program.ts';

/** Width to write for: of the terminal, else what COLUMNS says, else 80. */
export function terminalColumns(io: CommandIo): number {
  const said = Number(io.columns ?? Number.NaN);
  const columns = io.stdout.columns ?? (Number.isInteger(said) && said > 0 ? said : 80);
  return Math.max(40, columns);
}
