import type { Diagnosis, FaultGroup } from '../diagnosis.ts';
import type { FoundFault } from './found-fault.ts';

const MAX_GROUPS = 1000;
const MAX_FIRST = 500;

type Draft = { -readonly [K in keyof FaultGroup]: FaultGroup[K] };

/** Counts faults, and groups those that are alike; of floods the first ones are kept one by one. */
export class FaultCollector {
  readonly #groups = new Map<string, Draft>();
  readonly #first: FoundFault['fault'][] = [];
  #dma = 0;
  #interrupt = 0;
  #ungrouped = 0;

  add({ fault, phase }: FoundFault): void {
    if (fault.kind === 'dma') this.#dma++;
    else this.#interrupt++;
    if (this.#first.length < MAX_FIRST) this.#first.push(fault);
    const { segment, bus, device, fn } = fault.requester ?? {};
    const key = [
      fault.kernel,
      phase,
      fault.architecture,
      fault.kind,
      fault.operation,
      segment,
      bus,
      device,
      fn,
      fault.stream,
      fault.reason ?? fault.reasonText,
    ].join();
    const group = this.#groups.get(key);
    if (group !== undefined) extend(group, fault);
    else if (this.#groups.size < MAX_GROUPS) this.#groups.set(key, begin(fault, phase));
    else this.#ungrouped++;
  }

  get count(): number {
    return this.#dma + this.#interrupt;
  }

  /** Faults that were counted only: their groups would have been too many. */
  get ungrouped(): number {
    return this.#ungrouped;
  }

  finish(suppressed: number): Diagnosis['faults'] {
    return {
      dma: this.#dma,
      interrupt: this.#interrupt,
      suppressed,
      groups: [...this.#groups.values()].map(withEqualLengths),
      first: [...this.#first].sort((one, other) => one.line - other.line),
    };
  }
}

function begin(fault: FoundFault['fault'], phase: FaultGroup['phase']): Draft {
  const { address, seconds } = fault;
  return {
    kernel: fault.kernel,
    phase,
    example: fault,
    count: 1,
    firstLine: fault.line,
    lastLine: fault.lastLine ?? fault.line,
    ...(address === undefined ? {} : { addresses: { lowest: padded(address), highest: padded(address) } }),
    ...(seconds === undefined ? {} : { firstSeconds: seconds, lastSeconds: seconds }),
  };
}

function extend(group: Draft, fault: FoundFault['fault']): void {
  group.count++;
  group.lastLine = Math.max(group.lastLine, fault.lastLine ?? fault.line);
  if (fault.address !== undefined) {
    const address = padded(fault.address);
    const { lowest, highest } = group.addresses ?? { lowest: address, highest: address };
    const [first, , last] = [lowest, address, highest].sort();
    // Padded hexadecimal digits sort like the numbers.
    group.addresses = { lowest: first as string, highest: last as string };
  }
  if (fault.seconds !== undefined) {
    group.firstSeconds ??= fault.seconds;
    group.lastSeconds = fault.seconds;
  }
}

function withEqualLengths(group: Draft): FaultGroup {
  if (group.addresses === undefined) return group;
  const { lowest, highest } = group.addresses;
  const digits = Math.max(1, 16 - (/^0*/.exec(highest)?.[0].length ?? 0));
  return { ...group, addresses: { lowest: lowest.slice(-digits), highest: highest.slice(-digits) } };
}

function padded(address: string): string {
  return address.padStart(16, '0');
}
