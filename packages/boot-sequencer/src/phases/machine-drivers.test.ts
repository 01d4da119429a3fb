import { endpointOf, type Machine, preset } from '@quiesce/machine';
import { expect, it } from 'vitest';
import { crash } from '../crash.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { bindDriver } from './machine-drivers.ts';

/** q35-lab with a storage controller in the place of two of its functions. */
function machine(): Machine {
  const made = preset('q35-lab');
  return {
    ...made,
    functions: made.functions.map((one) =>
      ['0000:05:00.0', '0000:06:00.0'].includes(one.name)
        ? { ...one, endpoint: endpointOf('mpt', { interrupt: one.endpoint.traits.interrupt }) }
        : one,
    ),
  };
}

it('leaves fewer requests with a storage controller under a small load, in the first kernel', () => {
  const depth = (intensity: number, which: 1 | 2, kind: 'mpt' | 'nvme' = 'mpt'): number => {
    const made = machine();
    const described = {
      ...made.functions.find(({ name }) => name === '0000:05:00.0'),
      endpoint: endpointOf(kind),
    };
    const kernel = { which, devices: [], world: { machine: { ...made, workload: { intensity } } } };
    const place = { name: '0000:05:00.0', segment: 0, bus: 5, device: 0, fn: 0 };
    return bindDriver(described as Machine['functions'][number], place, kernel as unknown as Kernel).target
      .traits.queueDepth;
  };
  expect([1, 2, 0.5, 0.1, 0].map((intensity) => depth(intensity, 1))).toEqual([254, 254, 127, 25, 1]);
  expect(depth(0.1, 2)).toBe(254);
  expect(depth(0.1, 1, 'nvme')).toBe(127);
});

it('counts the devices of a driver that numbers them', () => {
  const strategy = { name: 'test', description: 'test', sources: [] };
  const { log, outcome } = crash({
    machine: machine(),
    kernel: 'linux-6',
    strategy: { ...strategy, create: () => strategy },
    seed: 1,
  });
  const enabled = log
    .filter((line) => line.includes('port enable: SUCCESS'))
    .map((line) => line.slice(15, 26));
  expect(enabled).toEqual(['mpt3sas_cm0', 'mpt3sas_cm1', 'mpt3sas_cm0', 'mpt3sas_cm1']);
  expect(log.filter((line) => line.endsWith('Fusion MPT SAS Host')).map((line) => line.slice(15))).toEqual([
    'scsi host0: Fusion MPT SAS Host',
    'scsi host1: Fusion MPT SAS Host',
  ]);
  expect([outcome.devices['05:00.0'], outcome.devices['06:00.0']]).toEqual(['working', 'working']);
});
