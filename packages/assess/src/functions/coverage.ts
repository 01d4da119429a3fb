import {
  type MachineScopes,
  requesterName,
  reservedMemoryOf,
  scopesOfMachine,
  unitOfRequester,
} from '@quiesce/machine';
import { ExtendedCapabilityId } from '@quiesce/pcie-model';
import type { Evidence } from '@quiesce/report';
import { ATSR_ALL_PORTS, type DeviceScope, type ResolvedUnit, resolveScopeSet } from '@quiesce/vtd-iommu';
import { configBytes, dmarBytes, rule, type Statement } from './evidence.ts';
import type { MachineView, ViewedFunction } from './machine-view.ts';

/** How the table says which unit a function is behind. */
export type CoveredBy = 'endpoint-scope' | 'bridge-scope' | 'include-all' | 'segment' | 'none';

/** The remapping unit of a function. */
export interface Coverage {
  /** `dmar0`; undefined if no unit has it. */
  readonly unit?: string;
  readonly by: CoveredBy;
  readonly evidence: readonly Evidence[];
}

/** The units of a machine, asked for one function at a time. */
export class UnitCoverage {
  readonly #view: MachineView;
  readonly #scopes: MachineScopes;
  /** By root port: the ATSR that names it. */
  readonly #atsr = new Map<ViewedFunction, Evidence | undefined>();

  constructor(view: MachineView) {
    this.#view = view;
    this.#scopes = scopesOfMachine(view.machine, view.topology);
  }

  /** Why the table could not be read, if it could not. */
  get unreadable(): string | undefined {
    return this.#scopes.unreadable;
  }

  /** The unit that requests of a function pass, and how the table says so. */
  of(one: ViewedFunction): Coverage {
    const through = one.host ?? one;
    const { resolved } = this.#scopes;
    const unit = unitOfRequester(this.#view.machine, this.#scopes, through.segment, through.requesterId);
    if (unit?.resolved !== undefined) return { unit: unit.name, ...this.#howOf(unit.resolved, through) };
    if (unit !== undefined) return this.#ofSegment(unit.name, through);
    if (resolved === undefined) return { by: 'none', evidence: [] };
    return {
      by: 'none',
      evidence: [
        dmarBytes(undefined, `none of ${resolved.units.length} units names it, and none includes all`),
      ],
    };
  }

  /** Memory that firmware reserved for a function (RMRR). */
  reservedFor(one: ViewedFunction): Statement[] {
    const through = one.host ?? one;
    return reservedMemoryOf(this.#scopes, through.segment, through.requesterId).map(({ memory, scope }) => {
      const range = `0x${memory.base.toString(16)}-0x${memory.limit.toString(16)}`;
      return {
        topic: 'rmrr',
        severity: 'warning',
        text: `Firmware may use it behind the system's back: ${range} is reserved for it, and has to stay mapped one to one.`,
        evidence: [
          dmarBytes(scope.offset, `an RMRR names it (${range})`),
          rule('VT-d 8.4', 'a kernel whose tables lack this memory breaks what firmware does with it'),
        ],
      };
    });
  }

  /** What is to be said of address translation in the function itself (ATS). */
  translationService(one: ViewedFunction): Statement | undefined {
    const at = one.config.extendedCapability(ExtendedCapabilityId.addressTranslationServices);
    if (at === 0) return undefined;
    const enabled = (one.config.u16(at + 6) & 0x8000) !== 0;
    const evidence = [configBytes(one, at + 6, 2, `ATS Enable (bit 15) is ${enabled ? 'set' : 'clear'}`)];
    const port = this.#view.pathOf(one).at(-1);
    const named = this.#atsrOf(port);
    if (named !== undefined) evidence.push(named);
    if (!enabled) {
      return {
        topic: 'ats',
        severity: 'note',
        text: 'It could hold translations of its own (ATS), and does not.',
        evidence,
      };
    }
    return {
      topic: 'ats',
      severity: 'warning',
      text: 'It holds translations of its own (ATS): they outlive a change of the tables until it is told, or reset.',
      evidence: [...evidence, rule('PCIe 10.3', 'cached translations stay valid until they are invalidated')],
    };
  }

  #ofSegment(name: string, { segment }: ViewedFunction): Coverage {
    const last = this.#view.machine.units.find((one) => one.name === name)?.lastRequesterId;
    const upTo = last === undefined ? '' : `, up to ${requesterName(last)}`;
    return {
      unit: name,
      by: 'segment',
      evidence: [rule(name, `covers segment ${segment} of this machine${upTo}`)],
    };
  }

  #howOf(unit: ResolvedUnit, one: ViewedFunction): Pick<Coverage, 'by' | 'evidence'> {
    const drhd = unit.drhd.offset;
    const exact = unit.functions.find(({ requesterId }) => requesterId === one.requesterId);
    if (exact !== undefined) return scoped('endpoint-scope', exact.scope, 'a device scope names it');
    const bridge = unit.subtrees.find(
      ({ requesterId, buses }) =>
        requesterId === one.requesterId ||
        (buses !== undefined && one.bus >= buses.first && one.bus <= buses.last),
    );
    if (bridge !== undefined) {
      return scoped('bridge-scope', bridge.scope, 'a device scope names a bridge above it');
    }
    return {
      by: 'include-all',
      evidence: [
        dmarBytes(drhd === undefined ? undefined : drhd + 4, 'INCLUDE_PCI_ALL (bit 0 of the flags) is set'),
        rule('VT-d 8.3', 'this unit has every function of its segment that no other unit has'),
      ],
    };
  }

  #atsrOf(port: ViewedFunction | undefined): Evidence | undefined {
    if (port === undefined) return undefined;
    if (!this.#atsr.has(port)) this.#atsr.set(port, this.#findAtsr(port));
    return this.#atsr.get(port);
  }

  #findAtsr(port: ViewedFunction): Evidence | undefined {
    for (const structure of this.#scopes.dmar?.structures ?? []) {
      if (structure.type !== 'ATSR' || structure.segment !== port.segment) continue;
      if ((structure.flags & ATSR_ALL_PORTS) !== 0)
        return dmarBytes(structure.offset, 'an ATSR has all root ports');
      const { functions, subtrees } = resolveScopeSet(
        structure.segment,
        structure.scopes,
        this.#view.topology,
      );
      const scope = [...functions, ...subtrees].find(
        ({ requesterId }) => requesterId === port.requesterId,
      )?.scope;
      if (scope !== undefined) return dmarBytes(scope.offset, `an ATSR names its root port ${port.name}`);
    }
    return undefined;
  }
}

function scoped(by: CoveredBy, scope: DeviceScope, says: string): Pick<Coverage, 'by' | 'evidence'> {
  return {
    by,
    evidence: [dmarBytes(scope.offset, says), rule('VT-d 8.3.1', 'device scopes name functions by path')],
  };
}
