import { CapabilityId, PortType } from '@quiesce/pcie-model';
import type { Evidence } from '@quiesce/report';
import { type Collateral, type CollateralOfBridges, named } from './collateral.ts';
import { configBytes, rule } from './evidence.ts';
import type { MachineView, ViewedFunction } from './machine-view.ts';

/**
 * A way to reset a function from outside: `function-level`; `hot-reset`, the secondary bus reset of the bridge above;
 * `power-management`, D3hot and back.
 */
export interface ResetWay {
  readonly kind: 'function-level' | 'hot-reset' | 'power-management';
  /** The bridge whose secondary bus is reset. */
  readonly via?: string;
  /** What else is reset with it. */
  readonly collateral: readonly Collateral[];
  readonly evidence: readonly Evidence[];
}

/** Every way in which a function can be reset, the most exact one first; none for a powered-off function or a host bridge. */
export function resetWays(view: MachineView, bridges: CollateralOfBridges, one: ViewedFunction): ResetWay[] {
  if (one.config.isAbsent) return [];
  return [functionLevel(view, one), powerManagement(one), hotReset(bridges, one)].filter(
    (way) => way !== undefined,
  );
}

function functionLevel(view: MachineView, one: ViewedFunction): ResetWay | undefined {
  const { config } = one;
  const express = config.capability(CapabilityId.express);
  const collateral = virtualFunctionsOf(view, one);
  if (express !== 0 && Math.floor(config.u32(express + 4) / 2 ** 28) % 2 === 1) {
    return {
      kind: 'function-level',
      collateral,
      evidence: [
        configBytes(one, express + 4, 4, 'Function Level Reset Capability (bit 28) is set'),
        rule('PCIe 6.6.2', 'a function level reset ends the requests of this function alone'),
      ],
    };
  }
  const advanced = config.capability(CapabilityId.advancedFeatures);
  if (advanced === 0 || (config.u8(advanced + 3) & 3) !== 3) return undefined;
  return {
    kind: 'function-level',
    collateral,
    evidence: [
      configBytes(one, advanced + 3, 1, 'TP_CAP and FLR_CAP (bits 0 and 1) are set'),
      rule('PCI ECN Advanced Capabilities', 'the conventional form of a function level reset'),
    ],
  };
}

function virtualFunctionsOf(view: MachineView, one: ViewedFunction): Collateral[] {
  const virtual = view
    .virtualOf(one.name)
    .map(({ name }): Collateral => ({ name, what: 'virtual function', severity: 'warning' }));
  return named(virtual);
}

function powerManagement(one: ViewedFunction): ResetWay | undefined {
  const at = one.config.capability(CapabilityId.powerManagement);
  if (at === 0 || one.config.isBridge || (one.config.u16(at + 4) & 8) !== 0) return undefined;
  return {
    kind: 'power-management',
    collateral: [],
    evidence: [
      configBytes(one, at + 4, 2, 'No_Soft_Reset (bit 3) is clear'),
      rule('PCIe 7.5.2.2', 'from D3hot back to D0 the function is reset if No_Soft_Reset is clear'),
    ],
  };
}

const linkPorts: readonly (number | undefined)[] = [PortType.rootPort, PortType.downstreamPort];

function hotReset(bridges: CollateralOfBridges, one: ViewedFunction): ResetWay | undefined {
  const bridge = one.parent;
  if (bridge === undefined || bridge.config.isAbsent) return undefined;
  const alsoLink = linkPorts.includes(bridge.config.expressType);
  return {
    kind: 'hot-reset',
    via: bridge.name,
    collateral: bridges.of(bridge, one),
    evidence: [
      configBytes(bridge, 0x3e, 2, 'Bridge Control, whose bit 6 resets the bus below'),
      rule(
        'PCIe 6.6.1, 7.5.1.3.13',
        `a secondary bus reset resets every function below the bridge${alsoLink ? '; so does Link Disable of the port' : ''}`,
      ),
    ],
  };
}
