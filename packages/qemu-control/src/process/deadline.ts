import { QemuError } from './qemu-error.ts';

/**
 * Milliseconds for whatever QEMU does at once. A host whose disk has just been given a snapshot to write can hold up what
 * reads a file for a minute.
 */
export const PATIENCE_MS = 120_000;

/**
 * The same promise, or a failure after `ms`. Every wait for QEMU or its guest goes through here.
 *
 * @param what what is waited for, as the message names it
 * @throws QemuError `QEMU_TIMEOUT`
 */
export function withDeadline<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new QemuError('QEMU_TIMEOUT', `${what} did not come within ${ms / 1000} s`));
    }, ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
