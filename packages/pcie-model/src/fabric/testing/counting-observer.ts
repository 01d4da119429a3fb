import type { FabricObserver } from '../fabric-observer.ts';
import { SilentObserver } from '../fabric-observer.ts';

type Method = keyof FabricObserver;

/** Writes down every call as a line, and adds up the repeats of equal ones. */
export class CountingObserver extends SilentObserver {
  readonly lines: string[] = [];
  readonly totals: Map<string, number> = new Map();

  override dmaRefused(...call: Parameters<FabricObserver['dmaRefused']>): void {
    const [fn, id, address, bytes, write, reason, repeat] = call;
    this.#note('refused', repeat, fn.name, hex(id), page(address), bytes, write, reason);
  }

  override dmaReached(...call: Parameters<FabricObserver['dmaReached']>): void {
    const [fn, id, from, to, owner, bytes, write, untranslated, repeat] = call;
    this.#note(
      'reached',
      repeat,
      fn.name,
      hex(id),
      page(from),
      page(to),
      owner,
      bytes / repeat,
      write,
      untranslated,
    );
  }

  override dmaStopped(...call: Parameters<FabricObserver['dmaStopped']>): void {
    const [fn, bridge, id, address, write, why, repeat] = call;
    this.#note('stopped', repeat, fn.name, bridge?.name, hex(id), page(address), write, why);
  }

  override unroutable(...call: Parameters<FabricObserver['unroutable']>): void {
    const [fn, id, from, to, write, untranslated, repeat] = call;
    this.#note('unroutable', repeat, fn.name, hex(id), page(from), page(to), write, untranslated);
  }

  override interruptDelivered(...call: Parameters<FabricObserver['interruptDelivered']>): void {
    const [fn, id, vector, destination, index, repeat] = call;
    this.#note('interrupt', repeat, fn.name, hex(id), hex(vector), destination, index);
  }

  override interruptBlocked(...call: Parameters<FabricObserver['interruptBlocked']>): void {
    const [fn, id, address, data, reason, index, repeat] = call;
    this.#note('interrupt blocked', repeat, fn.name, hex(id), hex(address), hex(data), reason, index);
  }

  override interruptHeldBack(...call: Parameters<FabricObserver['interruptHeldBack']>): void {
    const [fn, index, why, repeat] = call;
    this.#note('interrupt held back', repeat, fn.name, index, why);
  }

  override intxAsserted(...call: Parameters<FabricObserver['intxAsserted']>): void {
    this.#note('intx', 1, call[0].name, call[1]);
  }

  override intxDeasserted(...call: Parameters<FabricObserver['intxDeasserted']>): void {
    this.#note('intx end', 1, call[0].name, call[1]);
  }

  override errorMessage(...call: Parameters<FabricObserver['errorMessage']>): void {
    const [port, id, severity, interrupt, repeat] = call;
    this.#note('message', repeat, port.name, hex(id), severity, interrupt);
  }

  override systemError(...call: Parameters<FabricObserver['systemError']>): void {
    const [kind, cause, source, detail, repeat] = call;
    this.#note('system error', repeat, kind, cause, source?.name, detail);
  }

  /** Lines since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }

  /** Totals in an order that does not depend on that of the calls. */
  sortedTotals(): string[] {
    return [...this.totals].map(([what, count]) => `${count} × ${what}`).sort();
  }

  #note(what: string | Method, repeat: number, ...details: readonly unknown[]): void {
    const line = [what, ...details.filter((detail) => detail !== undefined)].join(' ');
    this.lines.push(repeat === 1 ? line : `${line} ×${repeat}`);
    this.totals.set(line, (this.totals.get(line) ?? 0) + repeat);
  }
}

function hex(value: number): string {
  return value.toString(16);
}

/** Addresses are told by page, so that totals do not depend on how requests were put together. */
function page(address: number): string {
  return `${hex(Math.floor(address / 4096))}...`;
}
