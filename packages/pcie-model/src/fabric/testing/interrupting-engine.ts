import type { Nanoseconds } from '@quiesce/simulation';
import type { EndpointPort } from '../../endpoint/endpoint-engine.ts';
import { BurstEngine } from './burst-engine.ts';

/** Interrupts when a test wants it to. */
export class InterruptingEngine extends BurstEngine {
  wanted = -1;
  letGo = false;

  constructor() {
    super({ start: 0, period: 1, burst: 4, base: 0, pages: 1, write: true });
  }

  override get nextTime(): Nanoseconds {
    return this.wanted >= 0 || this.letGo ? 0 : Number.POSITIVE_INFINITY;
  }

  override step(port: EndpointPort): void {
    const { wanted } = this;
    this.wanted = -1;
    if (wanted >= 0) port.interrupt(wanted);
    if (this.letGo) port.deassertInterrupt();
    this.letGo = false;
  }
}
