import { UserError } from '@quiesce/simulation';
import { AhciEngine } from './ahci/ahci-engine.ts';
import { CyclicStreamEngine } from './cyclic-stream/cyclic-stream-engine.ts';
import { EhciEngine } from './ehci/ehci-engine.ts';
import type { EndpointDescription, EndpointKind } from './endpoint-description.ts';
import type { EndpointEngine } from './endpoint-engine.ts';
import { IdleEngine } from './idle/idle-engine.ts';
import { MptEngine } from './mpt/mpt-engine.ts';
import { NetworkRingEngine } from './network-ring/network-ring-engine.ts';
import { NvmeEngine } from './nvme/nvme-engine.ts';
import { ScanOutEngine } from './scan-out/scan-out-engine.ts';
import { UhciEngine } from './uhci/uhci-engine.ts';
import { XhciEngine } from './xhci/xhci-engine.ts';

/** What tells one device from another of the same description. */
export interface EndpointIdentity {
  /** 32 bits: where in its period the device begins. */
  readonly seed: number;
}

type EngineConstructor = new (description: EndpointDescription, seed: number) => EndpointEngine;

const engines: Readonly<Record<EndpointKind, EngineConstructor>> = {
  'network-ring': NetworkRingEngine,
  'cyclic-stream': CyclicStreamEngine,
  ahci: AhciEngine,
  nvme: NvmeEngine,
  mpt: MptEngine,
  uhci: UhciEngine,
  ehci: EhciEngine,
  xhci: XhciEngine,
  'scan-out': ScanOutEngine,
  idle: IdleEngine,
};

/** All kinds of endpoint there are. */
export const endpointKinds: readonly EndpointKind[] = Object.keys(engines) as EndpointKind[];

/**
 * An engine as it is after power-on.
 * @throws UserError `ENDPOINT_KIND` for a kind that is not known, `ENDPOINT_WORKLOAD` for numbers that make no sense
 */
export function createEngine(description: EndpointDescription, identity: EndpointIdentity): EndpointEngine {
  const Engine = Object.hasOwn(engines, description.kind) ? engines[description.kind] : undefined;
  if (Engine === undefined) {
    throw new UserError('ENDPOINT_KIND', `there is no endpoint of kind "${description.kind}"`, {
      expected: endpointKinds.join(', '),
    });
  }
  const { ratePerSecond, bytesPerUnit, burstBytes } = description.workload;
  if (!(ratePerSecond >= 0 && ratePerSecond <= 1e9)) {
    throw new UserError('ENDPOINT_WORKLOAD', `ratePerSecond is ${ratePerSecond}`, { expected: '0 .. 1e9' });
  }
  if (
    !Number.isInteger(bytesPerUnit) ||
    bytesPerUnit < 4 ||
    bytesPerUnit > 1 << 24 ||
    bytesPerUnit % 4 !== 0
  ) {
    const expected = 'a multiple of 4 of 4 .. 16777216';
    throw new UserError('ENDPOINT_WORKLOAD', `bytesPerUnit is ${bytesPerUnit}`, { expected });
  }
  if (!Number.isInteger(burstBytes) || burstBytes < 4 || burstBytes > 4096 || burstBytes % 4 !== 0) {
    const expected = 'a multiple of 4 of 4 .. 4096';
    throw new UserError('ENDPOINT_WORKLOAD', `burstBytes is ${burstBytes}`, { expected });
  }
  return new Engine(description, identity.seed);
}
