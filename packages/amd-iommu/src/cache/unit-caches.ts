import type { RunningHash, Snapshottable } from '@quiesce/simulation';
import { DeviceTableCache, type DeviceTableCacheState } from './device-table-cache.ts';
import { InterruptCache, type InterruptCacheState } from './interrupt-cache.ts';
import { IoTlb, type IoTlbState } from './io-tlb.ts';

/** Plain data of {@link UnitCaches}. */
export interface UnitCachesState {
  readonly deviceTable: DeviceTableCacheState;
  readonly ioTlb: IoTlbState;
  readonly interrupts: InterruptCacheState;
}

/** All that a unit keeps of tables in memory. */
export class UnitCaches implements Snapshottable<UnitCachesState> {
  readonly deviceTable: DeviceTableCache;
  readonly ioTlb: IoTlb = new IoTlb();
  readonly interrupts: InterruptCache = new InterruptCache();

  constructor(deviceTableEntries: number) {
    this.deviceTable = new DeviceTableCache(deviceTableEntries);
  }

  invalidateAll(): void {
    this.deviceTable.invalidateAll();
    this.ioTlb.invalidateAll();
    this.interrupts.invalidateAll();
  }

  snapshot(): UnitCachesState {
    return {
      deviceTable: this.deviceTable.snapshot(),
      ioTlb: this.ioTlb.snapshot(),
      interrupts: this.interrupts.snapshot(),
    };
  }

  restore(state: UnitCachesState): void {
    this.deviceTable.restore(state.deviceTable);
    this.ioTlb.restore(state.ioTlb);
    this.interrupts.restore(state.interrupts);
  }

  hashInto(hash: RunningHash): void {
    this.deviceTable.hashInto(hash);
    this.ioTlb.hashInto(hash);
    this.interrupts.hashInto(hash);
  }
}
