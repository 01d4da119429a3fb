import { readFileSync } from 'node:fs';

/**
 * The shell script that takes the same capture on a machine without Node: POSIX sh and what a minimal system has. It is
 * made to be read by whoever runs it; its head says what it reads, what it redacts and what not.
 */
export function captureScript(): string {
  return readFileSync(new URL('../script/quiesce-capture.sh', import.meta.url), 'utf8');
}
