import type { Kernel } from '../kernel/kernel.ts';
import type { StrategyHost } from '../strategy-host/strategy-host.ts';

/** Gives the errors that root ports have reported to the strategy (the AER driver is up with the other drivers). */
export function handlePendingAer(kernel: Kernel, strategy: StrategyHost): void {
  for (const { rootPort, sourceId, severity } of kernel.pendingAer.splice(0)) {
    const { segment } = rootPort.description;
    const port = kernel.devices.find(
      (one) => one.segment === segment && one.requesterId === rootPort.requesterId,
    );
    if (port === undefined) continue;
    const device = kernel.devices.find((one) => one.segment === segment && one.requesterId === sourceId);
    kernel.log(`pcieport ${port.name}: AER: ${severity} error received: ${device?.name ?? 'unknown'}`);
    strategy.aerError(kernel, { rootPort: port, sourceId, severity, device });
  }
}
