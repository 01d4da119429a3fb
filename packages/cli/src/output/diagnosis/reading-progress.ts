import { performance } from 'node:perf_hooks';
import type { OpenLog } from '../../input/open-log.ts';
import type { CommandIo } from '../../program.ts';
import { stepProgress } from '../progress.ts';
import { shortBytes, shortCount } from '../quantity.ts';

/** How far a log has been read, on a terminal: bytes of the whole, lines, and how fast. */
export function readingProgress(
  io: CommandIo,
  log: OpenLog,
): { update: (progress: { readonly lines: number }) => void; stop: () => void } {
  const { say, stop } = stepProgress(io);
  const start = performance.now();
  return {
    update: ({ lines }) => {
      const read = log.bytesRead();
      const seconds = Math.max(0.001, (performance.now() - start) / 1000);
      const share = log.size === undefined || log.size === 0 ? '' : ` of ${shortBytes(log.size)}`;
      say(`${shortBytes(read)}${share}, ${shortCount(lines)} lines, ${shortBytes(read / seconds)}/s`);
    },
    stop,
  };
}
