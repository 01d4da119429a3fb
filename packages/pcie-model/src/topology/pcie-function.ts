import type { RunningHash, Snapshottable } from '@quiesce/simulation';
import { ConfigSpace } from '../config-space/config-space.ts';
import type { EndpointEngine } from '../endpoint/endpoint-engine.ts';
import { LinkState, type LinkStateData } from '../link/link-state.ts';
import { Readiness, type ReadinessData } from '../link/readiness.ts';
import type { FunctionDescription } from './function-description.ts';
import { type FunctionKind, functionKind } from './function-kind.ts';
import { functionName } from './function-name.ts';

/** All that changes of a function; its wiring does not. */
export interface PcieFunctionState {
  readonly config: Uint8Array;
  readonly capturedBus: number;
  readonly readiness: ReadinessData;
  readonly link: LinkStateData | undefined;
}

/** One function: its config space, its place in the wiring, and what resets have left of it. */
export class PcieFunction implements Snapshottable<PcieFunctionState> {
  /** Position in {@link PcieHierarchy.functions}. */
  readonly index: number;
  /** `0000:01:00.0`, as captured. */
  readonly name: string;
  readonly description: FunctionDescription;
  readonly kind: FunctionKind;
  readonly config: ConfigSpace;
  /** Device and function number, `device << 3 | fn`. */
  readonly devfn: number;
  /** The bridge above, by physical wiring; undefined on a root bus. */
  parent: PcieFunction | undefined = undefined;
  /** What is wired below this bridge. */
  readonly children: PcieFunction[] = [];
  /** The part that masters the bus; undefined for what never does. */
  engine: EndpointEngine | undefined = undefined;
  /** Of a virtual function. */
  physicalFunction: PcieFunction | undefined = undefined;
  /** Virtual functions of this physical function, by number. */
  readonly virtualFunctions: PcieFunction[] = [];
  /** Position among the virtual functions of its physical function, counted from 0. */
  virtualIndex = -1;
  /** Bus number taken from the last type 0 configuration write (PCIe 2.2.6.2); 0 after a reset. */
  capturedBus: number;
  /** When it answers again. */
  readonly readiness: Readiness = new Readiness();
  /** What it holds its secondary side in, if it is a bridge. */
  readonly link: LinkState | undefined;

  /** Throws `BAR_SIZE` for an impossible BAR. */
  constructor(index: number, description: FunctionDescription) {
    this.index = index;
    this.description = description;
    this.name = functionName(description);
    const virtual = description.physicalFunction !== undefined;
    const { legacySupport = 0 } = description.endpoint.traits;
    this.config = new ConfigSpace(description.config, description.barSizes, {
      virtual,
      ehciLegacySupport: legacySupport,
    });
    this.kind = functionKind(this.config, virtual);
    this.devfn = description.device * 8 + description.fn;
    this.capturedBus = description.bus;
    this.link = this.config.headerType === 1 ? new LinkState() : undefined;
  }

  /** A bridge: it has a secondary side. */
  get isBridge(): boolean {
    return this.link !== undefined;
  }

  /** Bus << 8 | device << 3 | function, as the function uses it now. */
  get requesterId(): number {
    const physical = this.physicalFunction;
    if (physical === undefined) return this.capturedBus * 256 + this.devfn;
    const d = this.description;
    const p = physical.description;
    const distance = d.bus * 256 + this.devfn - (p.bus * 256 + physical.devfn);
    return (physical.requesterId + distance) & 0xffff;
  }

  snapshot(): PcieFunctionState {
    return {
      config: this.config.snapshot(),
      capturedBus: this.capturedBus,
      readiness: this.readiness.snapshot(),
      link: this.link?.snapshot(),
    };
  }

  restore(state: PcieFunctionState): void {
    this.config.restore(state.config);
    this.capturedBus = state.capturedBus;
    this.readiness.restore(state.readiness);
    if (state.link !== undefined) this.link?.restore(state.link);
  }

  hashInto(hash: RunningHash): void {
    this.config.hashInto(hash);
    hash.word(this.capturedBus);
    this.readiness.hashInto(hash);
    this.link?.hashInto(hash);
  }
}
