import {
  bytesToHex,
  type ImportedCapture,
  type Machine,
  type MachineFunction,
  preset,
} from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';
import type { LikelyCause } from '../diagnosis.ts';
import { tieRequesters } from '../ties/index.ts';
import { rankCauses } from './rank-causes.ts';

/** A config space of 4,096 bytes with the bytes of `fields` at their offsets. */
function config(fields: Readonly<Record<number, readonly number[]>>): string {
  const bytes = new Uint8Array(4096);
  for (const [at, values] of Object.entries(fields)) bytes.set(values, Number(at));
  return bytesToHex(bytes);
}

const endpoint = { 0: [0x86, 0x80, 0xd3, 0x10] };
const express = { 6: [0x10, 0], 52: [0x40], 64: [0x10, 0, 0x70, 0, 0, 0, 0, 0] };

function captureOf(
  functions: Readonly<Record<string, string>>,
  more: { memoryMap?: Machine['memoryMap']; drivers?: Readonly<Record<string, string>> } = {},
): ImportedCapture {
  const base = preset('q35-lab');
  const like = base.functions[0] as MachineFunction;
  const machine: Machine = {
    ...base,
    functions: Object.entries(functions).map(([name, hex]) => ({ ...like, name, config: hex })),
    ...(more.memoryMap === undefined ? {} : { memoryMap: more.memoryMap }),
  };
  const drivers = Object.fromEntries(
    Object.entries(more.drivers ?? {}).map(([name, value]) => [name, { value, file: 'driver' }]),
  );
  const host = {
    platform: { value: 'intel-vt-d' as const, file: 'dmar' },
    drivers,
    iommuGroups: {},
    remappingLines: [],
  };
  return { machine, host, sources: [], conflicts: [], notes: [] };
}

function fault(requester: string, address: string, reason: string, at = '300.000000'): string {
  return `[${at.padStart(12)}] DMAR: [DMA Write NO_PASID] Request device [${requester}] fault addr 0x${address} [fault reason ${reason}\n`;
}

function causesOf(log: string, capture: ImportedCapture): LikelyCause[] {
  const diagnosis = diagnoseText(log, { file: 'test.log' });
  const ties = tieRequesters(diagnosis, capture.machine as Machine);
  return rankCauses({ ...diagnosis, ties }, capture);
}

const NO_CONTEXT = '0x02] Present bit in context entry is clear';
const NO_WRITE = '0x05] PTE Write access is not set';

describe('a capture', () => {
  it('tells a bridge behind a requester ID', () => {
    const capture = captureOf({
      '0000:02:00.0': config({ 0: [0x4c, 0x10, 0x40, 0x82], ...express, 14: [1], 24: [2, 3, 3] }),
      '0000:03:04.0': config(endpoint),
    });
    const causes = causesOf(fault('03:00.0', 'fffca000', NO_WRITE), capture);
    expect(causes.map((one) => one.id)).toContain('bridge-alias');
  });

  it('proves a phantom function, and disproves one where the function exists', () => {
    const marvell = config({ 0: [0x4b, 0x1b, 0x28, 0x91] });
    const log = fault('09:00.1', 'fff00000', NO_CONTEXT);
    const [first] = causesOf(log, captureOf({ '0000:09:00.0': marvell }));
    expect(first).toMatchObject({ id: 'wrong-requester-id' });
    expect(first?.fit).toBeGreaterThan(0.7);
    const both = captureOf({ '0000:09:00.0': config(endpoint), '0000:09:00.1': config(endpoint) });
    expect(causesOf(log, both).map((one) => one.id)).not.toContain('wrong-requester-id');
  });

  it('tells whose driver holds a function', () => {
    const functions = { '0000:03:00.0': config(endpoint) };
    const log = fault('03:00.0', '4b822000', NO_WRITE);
    const held = causesOf(log, captureOf(functions, { drivers: { '0000:03:00.0': 'vfio-pci' } }));
    expect(held[0]?.id).toBe('pass-through');
    const own = causesOf(log, captureOf(functions, { drivers: { '0000:03:00.0': 'e1000e' } }));
    expect(own.map((one) => one.id)).not.toContain('pass-through');
  });

  it('tells memory of firmware', () => {
    const region = { start: 0x6900_0000, end: 0x6a00_0000, owner: 'firmware' as const, label: 'Reserved' };
    const functions = { '0000:05:00.0': config(endpoint) };
    const log = fault('05:00.0', '69974000', NO_WRITE);
    const fit = (capture: ImportedCapture): number =>
      causesOf(log, capture).find((one) => one.id === 'unlisted-firmware-memory')?.fit ?? 0;
    expect(fit(captureOf(functions, { memoryMap: [region] }))).toBeGreaterThan(
      fit(captureOf(functions)) + 0.2,
    );
  });

  it('tells a device with translations of its own', () => {
    const ats = config({ ...endpoint, 256: [0x0f, 0, 1, 0, 0, 0, 0, 0x80] });
    const log = `[    0.000000] Linux version 6.1.192 (builder@host) #1 SMP
[    0.000000] Command line: root=/dev/sda1 elfcorehdr=0x2e000000
${fault('04:00.0', 'fffe1000', '0x0d] PCE for translation request specifies blocking', '1.500000')}`;
    const [first] = causesOf(log, captureOf({ '0000:04:00.0': ats }));
    expect(first?.id).toBe('device-tlb-outlives-tables');
    expect(first?.seen.join()).toContain('ATS');
  });

  it('tells integrated graphics from another device at 00:02.0', () => {
    const log = fault('00:02.0', '7cd80000', NO_WRITE);
    const graphics = captureOf({ '0000:00:02.0': config({ 0: [0x86, 0x80, 0x12, 0x04], 9: [0, 0, 3] }) });
    const port = captureOf({ '0000:00:02.0': config({ 0: [0x86, 0x80, 0x12, 0x2f], 9: [0, 4, 6] }) });
    expect(causesOf(log, graphics)[0]?.id).toBe('graphics-unmapped');
    expect(causesOf(log, port).map((one) => one.id)).not.toContain('graphics-unmapped');
  });
});
