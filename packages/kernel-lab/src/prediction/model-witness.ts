import type { FaultTotals, Milestone, World } from '@quiesce/boot-sequencer';
import { VtdUnit } from '@quiesce/vtd-iommu';
import type { DevicePhase, LabPhase, UnitPhase } from '../account/account.ts';
import { readContext } from '../account/context-walk.ts';
import type { MachineRequester } from '../account/machine-requesters.ts';
import { labMilestones } from './lab-milestones.ts';

const GSTS = 0x1c;
const RTADDR = 0x20;
const IRTA = 0xb8;
const TRANSLATION = 0x8000_0000;
const INTERRUPT_REMAPPING = 0x0200_0000;

/** What stood in the model's machine when a span of the lab began. */
interface Sight {
  readonly phase: LabPhase;
  /** By requester and reason, up to now. */
  readonly faults: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** By function name. */
  readonly commands: ReadonlyMap<string, number>;
  readonly units: Readonly<Record<string, UnitPhase>>;
}

/** Looks at the model's machine where the lab looks at a real one, and changes nothing. */
export class ModelWitness {
  readonly #world: World;
  readonly #requesters: readonly MachineRequester[];
  readonly #sights: Sight[] = [];

  constructor(world: World, requesters: readonly MachineRequester[]) {
    this.#world = world;
    this.#requesters = requesters;
  }

  /** To be told of each milestone. */
  see(milestone: Milestone): void {
    const phase = labMilestones[milestone];
    if (phase === undefined) return;
    this.#sights.push({
      phase,
      faults: faultsSoFar(this.#world.recorder.dmaFaults.totals()),
      commands: new Map(this.#requesters.map((one) => [one.name, this.#command(one)])),
      units: this.#units(),
    });
  }

  /** The last span that began. */
  get reached(): LabPhase {
    return this.#sights.at(-1)?.phase ?? 'crash';
  }

  /** What a requester did, span by span; `name` is the function's own whose Command register is told. */
  phasesOf(requester: string, name: string | undefined): Partial<Record<LabPhase, DevicePhase>> {
    const atEnd = faultsSoFar(this.#world.recorder.dmaFaults.totals());
    const phases: Partial<Record<LabPhase, DevicePhase>> = {};
    for (const [index, sight] of this.#sights.entries()) {
      const before = sight.faults.get(requester);
      const after = (this.#sights[index + 1]?.faults ?? atEnd).get(requester) ?? new Map();
      const reasons: number[] = [];
      let faults = 0;
      for (const [reason, count] of after) {
        const more = count - (before?.get(reason) ?? 0);
        if (more === 0) continue;
        faults += more;
        reasons.push(reason);
      }
      const command = name === undefined ? undefined : sight.commands.get(name);
      phases[sight.phase] = {
        faults,
        reasons: reasons.sort((a, b) => a - b),
        ...(command === undefined ? {} : { command }),
      };
    }
    return phases;
  }

  /** By unit and span. */
  unitPhases(): Record<string, Partial<Record<LabPhase, UnitPhase>>> {
    const result: Record<string, Partial<Record<LabPhase, UnitPhase>>> = {};
    for (const { phase, units } of this.#sights) {
      for (const [name, unit] of Object.entries(units)) {
        result[name] ??= {};
        (result[name] as Partial<Record<LabPhase, UnitPhase>>)[phase] = unit;
      }
    }
    return result;
  }

  /** All ones where nothing answers; looking must not make an error of it. */
  #command({ segment, bus, device, fn }: MachineRequester): number {
    const found = this.#world.hardware.hierarchy.visibleAt(segment, bus, device, fn);
    return found === undefined ? 0xffff : found.config.file.peek32(4) & 0xffff;
  }

  #units(): Record<string, UnitPhase> {
    const { hardware } = this.#world;
    const { memory } = hardware;
    const result: Record<string, UnitPhase> = {};
    for (const unit of hardware.units) {
      if (!(unit instanceof VtdUnit)) continue;
      const status = unit.readRegister32(GSTS);
      const wide = (offset: number): number => {
        const { low, high } = unit.readWide(offset);
        return high * 0x1_0000_0000 + low;
      };
      const rootTable = wide(RTADDR);
      const contexts: Record<string, UnitPhase['contexts'][string]> = {};
      for (const { name, segment, requesterId } of this.#requesters) {
        if (hardware.unitFor(segment, requesterId) !== unit) continue;
        contexts[name] = readContext(rootTable, requesterId, (address) => memory.read32(address));
      }
      result[unit.name] = {
        translation: (status & TRANSLATION) !== 0,
        interruptRemapping: (status & INTERRUPT_REMAPPING) !== 0,
        rootTable,
        interruptTable: wide(IRTA),
        contexts,
      };
    }
    return result;
  }
}

/** A copy: the tally goes on counting in its own. */
function faultsSoFar(totals: FaultTotals): Map<string, Map<number, number>> {
  return new Map(
    Object.entries(totals.byRequester).map(([requester, { reasons }]) => [
      requester,
      new Map(Object.entries(reasons).map(([reason, count]) => [Number.parseInt(reason, 16), count])),
    ]),
  );
}
