import { describe, expect, it } from 'vitest';
import { PcieFunction } from '../topology/pcie-function.ts';
import { CoreLogic } from './core-logic.ts';

const platform = {
  systemError: 'none',
  remappingFault: 'smi-hang',
  masterAbortIsSystemError: false,
} as const;

/** A function of the chipset; `size` bytes of config space. */
function chipset(deviceId: number, size: number, device = 0x14): PcieFunction {
  const config = new Uint8Array(size);
  new DataView(config.buffer).setUint32(0, deviceId * 0x1_0000 + 0x8086, true);
  const traits = {
    honoursBusMaster: true,
    onRefusal: 'ignore',
    resumesStaleWork: false,
    onReset: 'ready',
    readyAfterResetMs: 0,
    interrupt: 'none',
    usesAts: false,
  } as const;
  const workload = { ratePerSecond: 0, bytesPerUnit: 4, burstBytes: 4, direction: 'to-memory' } as const;
  const endpoint = { kind: 'idle', traits, workload } as const;
  return new PcieFunction(0, { segment: 0, bus: 0, device, fn: 0, config, barSizes: [], endpoint });
}

describe('VTUNCERRMSK', () => {
  it('masks remapping faults, and nothing else is writable there', () => {
    const hub = chipset(0x342e, 4096);
    const core = new CoreLogic(platform, [hub]);
    expect(core.remappingFault).toBe('smi-hang');
    hub.config.file.write(0x1ac, 4, 0xffff_ffff);
    expect(hub.config.file.read(0x1ac, 4)).toBe(0x8000_0000);
    expect(core.remappingFault).toBe('none');
    hub.config.file.write(0x1af, 1, 0);
    expect(core.remappingFault).toBe('smi-hang');
  });

  it('survives a reset', () => {
    const hub = chipset(0x3c28, 4096);
    hub.config.file.write(0x1ac, 4, 0x8000_0000);
    hub.config.file.reset('conventional');
    expect(new CoreLogic(platform, [hub]).remappingFault).toBe('none');
  });

  it('has to be set in every hub', () => {
    const hubs = [chipset(0x342e, 4096), chipset(0x342e, 4096, 0x15)];
    const core = new CoreLogic(platform, hubs);
    hubs[0]?.config.file.write(0x1ac, 4, 0x8000_0000);
    expect(core.remappingFault).toBe('smi-hang');
    hubs[1]?.config.file.write(0x1ac, 4, 0x8000_0000);
    expect(core.remappingFault).toBe('none');
  });

  it('is not there in other functions, nor without extended config space', () => {
    for (const other of [chipset(0x3405, 4096), chipset(0x342e, 256)]) {
      if (other.config.size === 4096) other.config.file.write(0x1ac, 4, 0x8000_0000);
      expect(new CoreLogic(platform, [other]).remappingFault).toBe('smi-hang');
    }
  });
});
