/** What the suite needs of qtest: many commands at once, and one line of answer for each. */
export interface QtestChannel {
  /** `commands`: `count` lines, the last one ended, too. Gives the answers as they came. */
  send(commands: string, count: number): Promise<Buffer>;
}

/**
 * Sends commands and gives one answer for each, without its `OK`.
 *
 * @throws Error if QEMU refuses a command
 */
export async function ask(qtest: QtestChannel, commands: readonly string[]): Promise<string[]> {
  if (commands.length === 0) return [];
  const lines = (await qtest.send(`${commands.join('\n')}\n`, commands.length))
    .toString('latin1')
    .split('\n');
  return commands.map((command, index) => {
    const line = lines[index] ?? '';
    if (!line.startsWith('OK')) throw new Error(`QEMU refuses ${command}: ${line}`);
    return line.slice(3);
  });
}

/** Likewise, as numbers; 0 for a command that answers none. */
export async function askNumbers(qtest: QtestChannel, commands: readonly string[]): Promise<number[]> {
  return (await ask(qtest, commands)).map(Number);
}
