import { MiniFunction, type MiniFunctionDescription } from './mini-function.ts';

const SECONDARY_BUS_RESET = 0x40;

/** Functions, and who is below whom. Routing follows the bridges as they are programmed now. */
export class MiniTopology {
  readonly functions: readonly MiniFunction[];
  /** Milliseconds since the panic. */
  nowMs = 0;
  readonly #rootBuses = new Set<number>();
  readonly #wiredTo = new Map<MiniFunction, MiniFunction>();

  constructor(descriptions: readonly MiniFunctionDescription[]) {
    const slots = descriptions.map(({ name }) => name.slice(0, -2));
    this.functions = descriptions.map((description) => {
      const slot = description.name.slice(0, -2);
      return new MiniFunction(description, slots.filter((each) => each === slot).length > 1);
    });
    for (const each of this.functions) {
      const above = this.functions.find((bridge) => bridge.description.buses?.[1] === each.bus);
      if (above !== undefined) this.#wiredTo.set(each, above);
      else this.#rootBuses.add(each.bus);
    }
  }

  /** The bridge that a function is soldered below, whatever the bridges are programmed to. */
  above(each: MiniFunction): MiniFunction | undefined {
    return this.#wiredTo.get(each);
  }

  below(bridge: MiniFunction): MiniFunction[] {
    return this.functions.filter((each) => this.above(each) === bridge);
  }

  byName(name: string): MiniFunction | undefined {
    return this.functions.find((each) => each.description.name === name);
  }

  /** Who answers a config request to this address now. */
  route(bus: number, device: number, fn: number): MiniFunction | undefined {
    const isRootBus = this.#rootBuses.has(bus);
    const bridge = isRootBus ? undefined : this.#bridgeTo(bus, undefined);
    if (!isRootBus && bridge === undefined) return undefined;
    const found = this.functions.find(
      (each) =>
        this.above(each) === bridge &&
        each.device === device &&
        each.fn === fn &&
        (!isRootBus || each.bus === bus),
    );
    return found?.answers(this.nowMs) === true ? found : undefined;
  }

  read(bus: number, device: number, fn: number, offset: number, size: number): number {
    return this.route(bus, device, fn)?.read(offset, size) ?? 256 ** size - 1;
  }

  write(bus: number, device: number, fn: number, offset: number, size: number, value: number): void {
    const target = this.route(bus, device, fn);
    if (target === undefined) return;
    const before = target.peek(0x3e);
    const { powerState } = target;
    target.write(offset, size, value);
    target.resetItself(powerState, this.nowMs);
    if (!target.isBridge || offset > 0x3e || offset + size <= 0x3e) return;
    const after = target.peek(0x3e);
    if ((after & ~before & SECONDARY_BUS_RESET) !== 0) this.#eachBelow(target, (each) => each.holdReset());
    if ((before & ~after & SECONDARY_BUS_RESET) !== 0) {
      this.#eachBelow(target, (each) => each.releaseReset(this.nowMs));
    }
  }

  /** Firmware asserts or releases Secondary Bus Reset of every root port on a root bus. */
  setRootPortsInReset(bus: number, asserted: boolean): void {
    for (const port of this.functions) {
      if (!port.isBridge || port.bus !== bus || this.above(port) !== undefined) continue;
      this.#eachBelow(port, (each) => {
        if (asserted) each.holdReset(true);
        else each.releaseReset(this.nowMs);
      });
    }
  }

  #bridgeTo(bus: number, from: MiniFunction | undefined): MiniFunction | undefined {
    for (const bridge of this.functions) {
      if (this.above(bridge) !== from || !bridge.isBridge || !bridge.answers(this.nowMs)) continue;
      if (bus === bridge.peek(0x19)) return bridge;
      if (bus > bridge.peek(0x19) && bus <= bridge.peek(0x1a)) return this.#bridgeTo(bus, bridge);
    }
    return undefined;
  }

  #eachBelow(bridge: MiniFunction, visit: (each: MiniFunction) => void): void {
    for (const each of this.below(bridge)) {
      visit(each);
      this.#eachBelow(each, visit);
    }
  }
}
