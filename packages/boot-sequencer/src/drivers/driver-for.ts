import type { EndpointKind } from '@quiesce/pcie-model';
import { ahciDriver } from './ahci-driver.ts';
import { cyclicStreamDriver } from './cyclic-stream-driver.ts';
import type { DeviceDriver } from './driver-host.ts';
import { ehciDriver } from './ehci-driver.ts';
import { idleDriver } from './idle-driver.ts';
import { mptDriver } from './mpt-driver.ts';
import { networkRingDriver } from './network-ring-driver.ts';
import { nvmeDriver } from './nvme-driver.ts';
import { scanOutDriver } from './scan-out-driver.ts';
import { uhciDriver } from './uhci-driver.ts';
import { xhciDriver } from './xhci-driver.ts';

const drivers: Readonly<Record<EndpointKind, DeviceDriver>> = {
  'network-ring': networkRingDriver,
  'cyclic-stream': cyclicStreamDriver,
  ahci: ahciDriver,
  nvme: nvmeDriver,
  mpt: mptDriver,
  uhci: uhciDriver,
  ehci: ehciDriver,
  xhci: xhciDriver,
  'scan-out': scanOutDriver,
  idle: idleDriver,
};

/** The driver that both kernels have for an endpoint of this kind. */
export function driverFor(kind: EndpointKind): DeviceDriver {
  return drivers[kind];
}
