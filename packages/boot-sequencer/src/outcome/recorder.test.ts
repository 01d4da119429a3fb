import { preset } from '@quiesce/machine';
import type { PcieFunction } from '@quiesce/pcie-model';
import type { MemoryOwner } from '@quiesce/simulation';
import type { Phase } from '@quiesce/strategy';
import { beforeEach, describe, expect, it } from 'vitest';
import { World } from '../world/world.ts';
import type { Recorder } from './recorder.ts';

let recorder: Recorder;
let nic: PcieFunction;
let disk: PcieFunction;

beforeEach(() => {
  const world = new World(preset('q35-lab'), { seed: 1, mode: 'steady-steps', traceCapacity: 16 });
  recorder = world.recorder;
  nic = world.hardware.hierarchy.byName('0000:01:00.0') as PcieFunction;
  disk = world.hardware.hierarchy.byName('0000:05:00.0') as PcieFunction;
});

/** A write of 64 bytes by the network card. */
function write(phase: Phase, owner: MemoryOwner, address: number): void {
  recorder.phase = phase;
  recorder.dmaReached(nic, nic.requesterId, 0xffff_0000, address, owner, 64, true, false, 1, 0);
}

describe('what leftover DMA reaches', () => {
  it('its own old buffers: pages of the dump that change while it is written, each counted once', () => {
    recorder.buffers.give(1, nic.index, 0x10_0000, 0x3000);
    write('init', 'dma-buffer', 0x10_0000);
    expect(recorder.pagesAlteredWhileDumping).toBe(0);
    for (const address of [0x10_0000, 0x10_0040, 0x10_1000, 0x10_0080]) write('dump', 'dma-buffer', address);
    expect(recorder.pagesAlteredWhileDumping).toBe(2);
    expect(recorder.alteredWhileDumping).toBe(4 * 64);
    expect(recorder.corruption.list()).toEqual([]);
  });

  it('lent memory: harmless until the second kernel runs in it', () => {
    recorder.buffers.give(1, nic.index, 0x10_0000, 0x1000);
    write('crash', 'cma', 0x10_0000);
    write('purgatory', 'cma', 0x10_0000);
    expect(recorder.corruption.list()).toEqual([]);
    write('setup_arch', 'cma', 0x10_0000);
    expect(recorder.corruption.list()).toMatchObject([{ owner: 'cma', bytes: 64, phases: ['setup_arch'] }]);
  });

  it("buffers of another device of the second kernel's: the dump goes through them", () => {
    recorder.buffers.give(2, disk.index, 0x20_0000, 0x1000);
    write('init', 'crash-kernel', 0x20_0000);
    expect(recorder.spoiltDumpBuffers).toBe(false);
    write('dump', 'crash-kernel', 0x20_1000);
    expect(recorder.spoiltDumpBuffers).toBe(false);
    write('dump', 'crash-kernel', 0x20_0000);
    expect(recorder.spoiltDumpBuffers).toBe(true);
  });

  it('the image of the second kernel', () => {
    recorder.image = { start: 0x40_0000, end: 0x50_0000 };
    write('init', 'crash-kernel', 0x50_0000);
    expect(recorder.spoiltImage).toBe(false);
    write('init', 'crash-kernel', 0x4f_ffc0);
    expect(recorder.spoiltImage).toBe(true);
  });

  it('anything after the dump: counts no more', () => {
    write('reboot', 'first-kernel', 0x30_0000);
    expect(recorder.corruption.list()).toEqual([]);
  });
});
