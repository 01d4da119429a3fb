import type { ConsoleLine, QemuProcess } from '@quiesce/qemu-control';
import type { GuestReports } from '../guest/guest-reports.ts';

/** The next thing that a running guest does. */
export type GuestEvent =
  | { readonly kind: 'stop' }
  | { readonly kind: 'done' }
  | { readonly kind: 'dead'; readonly why: string };

const PANIC = /Kernel panic - not syncing: (.*)$/;

/**
 * Waits until a running guest stops at a breakpoint, says that it is done, panics, ends, or does nothing for `ms`.
 *
 * @param consoleFrom console line from which on a panic counts; undefined while the first kernel's own is expected
 */
export function nextEvent(
  qemu: QemuProcess,
  reports: GuestReports,
  consoleFrom: number | undefined,
  ms: number,
): Promise<GuestEvent> {
  const stops: (() => void)[] = [];
  const event = new Promise<GuestEvent>((resolve) => {
    const dead = (why: string): void => resolve({ kind: 'dead', why });
    const timer = setTimeout(() => dead(`nothing more came for ${ms / 1000} s`), ms);
    stops.push(() => clearTimeout(timer));
    void qemu.gdb.stopped().then(() => resolve({ kind: 'stop' }));
    void qemu.ended.then((how) => dead(`the machine ended: ${how}`));
    const console = qemu.serial[0];
    const look = ({ text }: ConsoleLine): void => {
      const panic = PANIC.exec(text);
      if (panic !== null) dead(`Kernel panic - not syncing: ${panic[1]}`);
    };
    if (console !== undefined && consoleFrom !== undefined) {
      for (const line of console.lines.slice(consoleFrom)) look(line);
      stops.push(console.onLine(look));
    }
    stops.push(
      reports.onLine(({ text }) => {
        if (text === 'done') resolve({ kind: 'done' });
      }),
    );
  });
  return event.finally(() => {
    for (const stop of stops) stop();
  });
}
