import type { CommandIo } from '../program.ts';

/** Signals by which somebody ends a command. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `body`, and has it end when somebody ends the command; a second time ends the process there and then.
 * @returns false if it was ended
 */
export async function untilInterrupted(
  io: CommandIo,
  body: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const controller = new AbortController();
  const end = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, end);
  try {
    await body(controller.signal);
  } catch (error) {
    // Whatever came of ending in the middle is not what went wrong.
    if (!controller.signal.aborted) throw error;
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
  if (!controller.signal.aborted) return true;
  io.stderr.write('quiesce: interrupted\n');
  return false;
}
