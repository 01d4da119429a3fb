import { defaultTraits, type EndpointTraits } from '@quiesce/pcie-model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DriverTraits } from './driver-host.ts';
import { mptDriver } from './mpt-driver.ts';
import { FakeHost } from './testing/fake-host.ts';

/** SAS2308, SAS3008. */
const SECOND_GENERATION = 0x0087;
const THIRD_GENERATION = 0x0097;

function setUp({
  traits = {},
  driver = {},
  id = THIRD_GENERATION,
  instance = 0,
}: {
  traits?: Partial<EndpointTraits>;
  driver?: Partial<DriverTraits>;
  id?: number;
  instance?: number;
} = {}) {
  const workload = {
    ratePerSecond: 100,
    bytesPerUnit: 4096,
    burstBytes: 128,
    direction: 'to-memory',
  } as const;
  const host = new FakeHost({ kind: 'mpt', traits: { ...defaultTraits, ...traits }, workload });
  host.config.set([0x00, 0x10, id & 0xff, id >>> 8]);
  host.config.set([0x00, 0x07, 0x01], 9);
  const device = { ...host.device({ ...mptDriver.defaultTraits, ...driver }), instance };
  return { host, device };
}

it('resets the message unit of a controller that another kernel left running, and reads its disk', () => {
  const { host, device } = setUp();
  mptDriver.start(host, device);
  host.run(30);
  host.forgetMappings();
  host.lines.length = 0;
  expect(mptDriver.probe(host, device)).toBe('working');
  expect(host.lines).toEqual([
    'mpt3sas_cm0: sending message unit reset !!',
    'mpt3sas_cm0: message unit reset: SUCCESS',
    'mpt3sas_cm0: sending port enable !!',
    'mpt3sas_cm0: port enable: SUCCESS',
  ]);
});

it.each([SECOND_GENERATION, THIRD_GENERATION])(
  'speaks with a controller of device ID %i as it expects',
  (id) => {
    const { host, device } = setUp({ id, instance: 2 });
    expect(mptDriver.probe(host, device)).toBe('working');
    expect(host.faults).toBe(0);
    const generation = id === SECOND_GENERATION ? 2 : 3;
    expect(host.lines).toContain(`mpt${generation}sas_cm2: port enable: SUCCESS`);
  },
);

it('leaves reads and writes of the disk with the controller, which go on without its kernel', () => {
  const { host, device } = setUp();
  mptDriver.start(host, device);
  host.run(200);
  expect(host.faults).toBe(0);
  host.forgetMappings();
  host.run(100);
  const soon = host.faults;
  // Bursts of 4,096 bytes, replies: some dozen of faults for each request.
  expect(soon).toBeGreaterThan(100);
  host.run(1000);
  expect(host.faults).toBeGreaterThan(soon * 5);
});

it('finds the fault that a refused read was to the firmware, and cures it by a diagnostic reset', () => {
  const { host, device } = setUp({ traits: { onRefusal: 'stop-until-reset' } });
  mptDriver.start(host, device);
  host.forgetMappings();
  host.run(100);
  const faults = host.faults;
  host.run(100);
  expect(host.faults).toBe(faults);
  host.lines.length = 0;
  expect(mptDriver.probe(host, device)).toBe('working');
  expect(host.lines.slice(0, 3)).toEqual([
    'mpt3sas_cm0: fault_state(0x2666)!',
    'mpt3sas_cm0: sending diag reset !!',
    'mpt3sas_cm0: diag reset: SUCCESS',
  ]);
});

it('fails where the controller comes back by no reset of its own', () => {
  const { host, device } = setUp({ traits: { onRefusal: 'fatal-error' }, driver: { resetTimeoutMs: 100 } });
  mptDriver.start(host, device);
  host.forgetMappings();
  host.run(100);
  expect(mptDriver.probe(host, device)).toBe('failed');
  expect(host.lines.at(-1)).toBe('mpt3sas_cm0: diag reset: FAILED');
  host.engine.reset('conventional', host.now);
  expect(mptDriver.probe(host, device)).toBe('failed');
  // Firmware that starts takes longer than this driver waits; then it is there.
  host.run(700);
  expect(mptDriver.probe(host, device)).toBe('working');
});

it('ends a handshake that the crash broke off by a diagnostic reset', () => {
  const { host, device } = setUp();
  mptDriver.start(host, device);
  host.engine.writeRegister(0, 0, 4, 0x4203_0000, host.now);
  host.lines.length = 0;
  expect(mptDriver.probe(host, device)).toBe('working');
  expect(host.lines.slice(0, 2)).toEqual([
    'mpt3sas_cm0: unexpected doorbell active!',
    'mpt3sas_cm0: sending diag reset !!',
  ]);
});

it('waits for firmware that starts after a reset from outside', () => {
  const { host, device } = setUp();
  mptDriver.start(host, device);
  host.engine.reset('function-level', host.now);
  const before = host.now;
  expect(mptDriver.probe(host, device)).toBe('working');
  expect(host.now - before).toBeGreaterThan(500_000_000);
  expect(host.lines.some((line) => line.includes('diag reset'))).toBe(false);
});

it('masters the bus before the controller is reset, so that what was left over goes on in between', () => {
  const { host, device } = setUp();
  mptDriver.start(host, device);
  host.configWrite(device.place, 4, 2, 0);
  host.forgetMappings();
  host.run(50);
  expect(host.faults).toBe(0);
  expect(mptDriver.probe(host, device)).toBe('working');
  expect(host.events[0]).toBe('master on');
  expect(host.events[1]).toBe('fault');
});

it('takes a controller over whatever a dead kernel wrote to its registers last', () => {
  const write = fc.record({
    offset: fc.constantFrom(0, 4, 8, 0x30, 0x34, 0x48, 0x6c, 0xc0, 0xc4),
    value: fc.oneof(
      fc.nat(0xffff_ffff),
      fc.constantFrom(0, 0x4000_0000, 0x4203_0000, 0x4212_0000, 0x0f, 0x0200_0004, 0x0300_0000),
    ),
    pauseMs: fc.integer({ min: 0, max: 30 }),
  });
  fc.assert(
    fc.property(
      fc.array(write, { maxLength: 25 }),
      fc.constantFrom('ignore', 'stop-until-reset', 'retry'),
      (writes, onRefusal) => {
        const { host, device } = setUp({ traits: { onRefusal }, driver: { queueDepth: 16 } });
        mptDriver.start(host, device);
        host.forgetMappings();
        for (const { offset, value, pauseMs } of writes) {
          host.engine.writeRegister(0, offset, 4, value, host.now);
          host.run(pauseMs);
        }
        host.forgetMappings();
        expect(mptDriver.probe(host, device)).toBe('working');
      },
    ),
    { numRuns: 40 },
  );
});
