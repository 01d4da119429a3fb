import type { InterruptController, TimerRoute } from './interrupt-controller.ts';
import type { TimerLine, TimerPath } from './timer-line.ts';

/** Ticks that `timer_irq_works` waits for, and how many of them are enough. */
const TICKS = 10;
const ENOUGH = 4;
/** At 1,000 Hz, as distributions for servers build their kernels. */
const TICK_MS = 1;

/** What the check needs of the kernel that makes it. */
export interface TimerCheck {
  readonly timer: TimerLine;
  readonly interrupts: InterruptController;
  /** Interrupts are remapped by this kernel. */
  readonly remapped: boolean;
  wait(ms: number): void;
  log(line: string): void;
  panic(reason: string): void;
}

/** `timer_irq_works`: interrupts are on, time passes, and ticks are counted. */
function timerWorks({ timer, interrupts, wait }: TimerCheck, path: TimerPath, route: TimerRoute): boolean {
  timer.path = path;
  interrupts.timerRoute = route;
  const before = interrupts.timerTicks;
  for (let tick = 0; tick < TICKS; tick++) {
    wait(TICK_MS);
    timer.tick();
  }
  return interrupts.timerTicks - before > ENOUGH;
}

/** What a kernel without interrupt remapping tries next, in that order, and what it says of each. */
const fallbacks: readonly {
  readonly path: TimerPath;
  readonly route: TimerRoute;
  readonly lines: readonly string[];
  readonly works: string;
  readonly failed: string;
}[] = [
  {
    path: 'io-apic',
    route: 'local APIC',
    lines: ['...trying to set up timer (IRQ0) through the 8259A ...', '..... (found apic 0 pin 2) ...'],
    works: '....... works.',
    failed: '....... failed.',
  },
  {
    path: 'virtual-wire',
    route: 'local APIC',
    lines: ['...trying to set up timer as Virtual Wire IRQ...'],
    works: '..... works.',
    failed: '..... failed.',
  },
  {
    path: 'external',
    route: '8259A',
    lines: ['...trying to set up timer as ExtINT IRQ...'],
    works: '..... works.',
    failed: '..... failed :(.',
  },
];

/**
 * `check_timer`: the timer through the I/O APIC, else in three older ways, of which the last one passes by the local
 * APIC's priorities. Where interrupts are remapped none of them is tried (`panic_if_irq_remap`).
 */
export function checkTimer(check: TimerCheck): void {
  if (timerWorks(check, 'io-apic', 'local APIC')) return;
  const { log } = check;
  log('..TIMER: vector=0x30 apic1=0 pin1=2 apic2=-1 pin2=-1');
  if (check.remapped) {
    check.panic("timer doesn't work through Interrupt-remapped IO-APIC");
    return;
  }
  log('..MP-BIOS bug: 8254 timer not connected to IO-APIC');
  for (const { path, route, lines, works, failed } of fallbacks) {
    for (const line of lines) log(line);
    const enough = timerWorks(check, path, route);
    log(enough ? works : failed);
    if (enough) return;
  }
  check.panic("IO-APIC + timer doesn't work!  Boot with apic=debug and send a report.");
}
