import {
  defaultTraits,
  type EndpointDescription,
  type EndpointKind,
  type EndpointTraits,
  type EndpointWorkload,
} from '@quiesce/pcie-model';
import { describe, expect, it } from 'vitest';
import { driverFor } from './driver-for.ts';
import type { DriverTraits } from './driver-host.ts';
import { FakeHost } from './testing/fake-host.ts';

const loads: Record<EndpointKind, EndpointWorkload> = {
  'network-ring': { ratePerSecond: 200, bytesPerUnit: 64, burstBytes: 128, direction: 'to-memory' },
  'cyclic-stream': { ratePerSecond: 48_000, bytesPerUnit: 4, burstBytes: 128, direction: 'to-memory' },
  ahci: { ratePerSecond: 200, bytesPerUnit: 4096, burstBytes: 128, direction: 'to-memory' },
  nvme: { ratePerSecond: 1000, bytesPerUnit: 4096, burstBytes: 128, direction: 'to-memory' },
  mpt: { ratePerSecond: 100, bytesPerUnit: 4096, burstBytes: 128, direction: 'to-memory' },
  uhci: { ratePerSecond: 1000, bytesPerUnit: 8, burstBytes: 8, direction: 'to-memory' },
  ehci: { ratePerSecond: 1000, bytesPerUnit: 512, burstBytes: 64, direction: 'to-memory' },
  xhci: { ratePerSecond: 200, bytesPerUnit: 8, burstBytes: 64, direction: 'to-memory' },
  'scan-out': { ratePerSecond: 600, bytesPerUnit: 4096, burstBytes: 128, direction: 'from-memory' },
  idle: { ratePerSecond: 0, bytesPerUnit: 4, burstBytes: 128, direction: 'to-memory' },
};
const kinds = Object.keys(loads) as EndpointKind[];
const masters = kinds.filter((kind) => kind !== 'idle');
/** Kinds whose work never ends by itself. */
const endless: EndpointKind[] = ['network-ring', 'cyclic-stream', 'uhci', 'ehci', 'scan-out'];

function setUp(kind: EndpointKind, traits: Partial<EndpointTraits> = {}, driver: Partial<DriverTraits> = {}) {
  const description: EndpointDescription = {
    kind,
    traits: { ...defaultTraits, ...traits },
    workload: loads[kind],
  };
  const host = new FakeHost(description);
  const drives = driverFor(kind);
  return { host, driver: drives, device: host.device({ ...drives.defaultTraits, ...driver }) };
}

describe.each(kinds)('the driver of %s', (kind) => {
  it('finds its device working after power-on', () => {
    const { host, driver, device } = setUp(kind);
    expect(driver.probe(host, device)).toBe('working');
    expect(host.faults).toBe(0);
  });

  it('fails at a function that does not answer', () => {
    const { host, driver, device } = setUp(kind);
    host.present = false;
    expect(driver.probe(host, device)).toBe('failed');
    host.present = true;
    host.config.set([0x01, 0x00, 0xff, 0xff]);
    expect(driver.probe(host, device)).toBe('failed');
  });

  it('survives an absent device in the first kernel, too', () => {
    const { host, driver, device } = setUp(kind);
    host.present = false;
    driver.start(host, device);
    driver.service(host, device);
    driver.maskInterrupts(host, device);
    driver.earlyHandoff?.(host, device);
    expect(host.faults).toBe(0);
  });

  it('takes over a device that another kernel left running', () => {
    const { host, driver, device } = setUp(kind);
    driver.start(host, device);
    host.run(30);
    driver.service(host, device);
    host.forgetMappings();
    expect(driver.probe(host, device)).toBe('working');
    const faults = host.faults;
    host.run(100);
    expect(host.faults).toBe(faults);
  });
});

describe.each(masters)('a device of kind %s', (kind) => {
  it('does DMA without a fault while its kernel lives', () => {
    const { host, driver, device } = setUp(kind);
    driver.start(host, device);
    host.run(50);
    driver.service(host, device);
    host.run(50);
    expect(host.faults).toBe(0);
    expect(host.command & 4).toBe(4);
  });

  it('faults when its mappings are gone', () => {
    const { host, driver, device } = setUp(kind);
    driver.start(host, device);
    host.forgetMappings();
    host.run(20);
    expect(host.faults).toBeGreaterThan(0);
  });

  it('is not working if the kernel cannot map buffers, or its BARs are gone', () => {
    const { host, driver, device } = setUp(kind);
    host.canMap = false;
    expect(driver.probe(host, device)).toBe('failed');
    const other = setUp(kind);
    other.host.config.fill(0, 0x10, 0x28);
    expect(driver.probe(other.host, other.device)).toBe('failed');
    expect(other.host.lines).toContain(`${driver.name}: probe of 0000:01:00.0 failed with error -5`);
  });
});

describe.each(endless)('stale work of a device of kind %s', (kind) => {
  it('resumes when bus mastering comes on before the reset', () => {
    const { host, driver, device } = setUp(kind, {}, { mastersBeforeReset: true });
    driver.start(host, device);
    host.run(20);
    host.configWrite(device.place, 4, 2, 0);
    host.forgetMappings();
    host.run(20);
    expect(host.faults).toBe(0);
    expect(driver.probe(host, device)).toBe('working');
    expect(host.faults).toBeGreaterThan(0);
    // Network and NVMe drivers ask for memory alone (pci_enable_device_mem).
    const decoders = kind === 'network-ring' || kind === 'nvme' ? '0002' : '0003';
    expect(host.lines.some((line) => line.includes(`enabling device (0000 -> ${decoders})`))).toBe(true);
  });

  it('does not where the driver resets first, or the device forgets', () => {
    for (const [traits, order] of [
      [{}, { mastersBeforeReset: false }],
      [{ resumesStaleWork: false }, { mastersBeforeReset: true }],
    ] as const) {
      const { host, driver, device } = setUp(kind, traits, order);
      driver.start(host, device);
      host.run(20);
      host.configWrite(device.place, 4, 2, 0);
      host.forgetMappings();
      expect(driver.probe(host, device)).toBe('working');
      expect(host.faults).toBe(0);
    }
  });

  it('ends when Bus Master Enable is ignored only by the reset', () => {
    const { host, driver, device } = setUp(kind, { honoursBusMaster: false });
    driver.start(host, device);
    host.configWrite(device.place, 4, 2, 0);
    host.forgetMappings();
    host.run(20);
    expect(host.faults).toBeGreaterThan(0);
    expect(driver.probe(host, device)).toBe('working');
  });
});

describe('without interrupts', () => {
  it.each([
    ['network-ring', 'failed'],
    ['ahci', 'failed'],
    ['nvme', 'working'],
    ['mpt', 'failed'],
    ['cyclic-stream', 'working'],
    ['uhci', 'working'],
    ['ehci', 'failed'],
    ['xhci', 'failed'],
  ] as const)('the driver of %s ends up %s', (kind, result) => {
    const { host, driver, device } = setUp(kind);
    host.interruptsArrive = false;
    expect(driver.probe(host, device)).toBe(result);
  });

  it('a driver that was given none polls', () => {
    for (const kind of ['network-ring', 'ahci', 'mpt', 'ehci', 'xhci'] as const) {
      const { host, driver, device } = setUp(kind);
      host.interruptsArrive = false;
      host.interruptsAvailable = false;
      expect(driver.probe(host, device)).toBe('working');
    }
  });

  it.each(masters)('maskInterrupts silences %s', (kind) => {
    const { host, driver, device } = setUp(kind);
    driver.start(host, device);
    driver.maskInterrupts(host, device);
    host.run(1);
    host.setUpInterrupt();
    host.run(100);
    expect(host.interruptSeen()).toBe(false);
  });
});

describe('the order in probe', () => {
  it('follows the traits', () => {
    const { host, driver, device } = setUp('cyclic-stream', {}, { mastersBeforeReset: false });
    driver.probe(host, device);
    expect(host.events.filter((event) => event !== 'fault')).toEqual(['map', 'map', 'master on']);
    const second = setUp('cyclic-stream', {}, { mastersBeforeReset: true });
    second.driver.probe(second.host, second.device);
    expect(second.host.events.slice(0, 2)).toEqual(['master on', 'map']);
  });
});

describe('the USB hand-off', () => {
  it('stops a running controller and clears bus mastering: Command 0107 becomes 0103', () => {
    const { host, driver, device } = setUp('uhci');
    driver.start(host, device);
    host.run(20);
    host.configWrite(device.place, 4, 2, 0x0107);
    driver.earlyHandoff?.(host, device);
    expect(host.configRead(device.place, 4, 2)).toBe(0x0103);
    expect(host.ioRead(0xc000, 2)).toBe(0);
    host.forgetMappings();
    host.run(50);
    expect(driver.probe(host, device)).toBe('working');
    expect(host.faults).toBe(0);
  });
});

describe.each(['ehci', 'xhci'] as const)('the USB hand-off of %s', (kind) => {
  it('stops a running controller without a word, and clears bus mastering', () => {
    const { host, driver, device } = setUp(kind);
    driver.start(host, device);
    host.run(20);
    host.configWrite(device.place, 4, 2, 0x0107);
    driver.earlyHandoff?.(host, device);
    expect(host.configRead(device.place, 4, 2)).toBe(0x0103);
    host.configWrite(device.place, 4, 2, 0x0107);
    host.forgetMappings();
    host.run(50);
    expect(driver.probe(host, device)).toBe('working');
    expect(host.faults).toBe(0);
    expect(host.lines).toEqual([expect.stringMatching(/enabling device/)]);
  });

  it('leaves a controller alone that has no registers', () => {
    const { host, driver, device } = setUp(kind);
    host.config.fill(0, 0x10, 0x28);
    driver.earlyHandoff?.(host, device);
    expect(host.events).toEqual([]);
  });

  it('is not what revives one that a refused read has halted: its own driver is', () => {
    const { host, driver, device } = setUp(kind, { onRefusal: 'stop-until-reset' });
    driver.start(host, device);
    host.forgetMappings();
    host.run(200);
    expect(host.faults).toBe(1);
    driver.earlyHandoff?.(host, device);
    expect(driver.probe(host, device)).toBe('working');
    expect(host.faults).toBe(1);
  });
});

describe('legacy support of an EHCI controller', () => {
  it('is asked for, waited for, and taken by force where firmware does not answer', () => {
    const { host, driver, device } = setUp('ehci', { legacySupport: 0x68 });
    host.config.set([1, 0, 1, 0, 0x3f, 0x20, 0, 0], 0x68);
    driver.earlyHandoff?.(host, device);
    expect(host.lines.at(-1)).toBe('pci 0000:01:00.0: EHCI: BIOS handoff failed (BIOS bug?) 01010001');
    expect(host.now).toBeGreaterThanOrEqual(1e9);
    expect(host.configRead(device.place, 0x68, 4)).toBe(0x0100_0001);
    expect(host.configRead(device.place, 0x6c, 4)).toBe(0);
  });

  it('that is another capability is named, and a circle of them ends', () => {
    const { host, driver, device } = setUp('ehci', { legacySupport: 0x68 });
    host.config.set([0x0a, 0x68], 0x68);
    driver.earlyHandoff?.(host, device);
    expect(host.lines.filter((line) => line.endsWith('EHCI: unrecognized capability 0a'))).toHaveLength(64);
  });
});

describe('a host controller that cannot reach its memory', () => {
  it.each([
    ['ehci', /^usb 1-1: device descriptor read\/64, error -110$/],
    ['xhci', /^xhci_hcd 0000:01:00.0: Error while assigning device slot ID: Command Aborted$/],
  ] as const)('%s is not working', (kind, words) => {
    const { host, driver, device } = setUp(kind, { onRefusal: 'stop-until-reset' });
    host.validFrom = Number.POSITIVE_INFINITY;
    expect(driver.probe(host, device)).toBe('failed');
    expect(host.lines.at(-1)).toMatch(words);
    expect(host.lines.includes('xhci_hcd 0000:01:00.0: WARNING: Host System Error')).toBe(kind === 'xhci');
    expect(host.faults).toBe(1);
  });
});

describe('queues', () => {
  it('outlive the kernel: outstanding commands finish after the crash, and then there is peace', () => {
    for (const kind of ['ahci', 'nvme', 'mpt'] as const) {
      const { host, driver, device } = setUp(kind);
      driver.start(host, device);
      host.run(20);
      driver.service(host, device);
      host.forgetMappings();
      host.run(5000);
      const faults = host.faults;
      expect(faults).toBeGreaterThan(0);
      host.run(5000);
      expect(host.faults).toBe(faults);
    }
  });

  it('may have large buffers', () => {
    for (const kind of ['ahci', 'cyclic-stream'] as const) {
      const { host, driver, device } = setUp(kind, {}, { bufferBytes: 16_384 });
      driver.start(host, device);
      host.run(30);
      expect(driver.probe(host, device)).toBe('working');
    }
  });

  it('are short in a crash kernel', () => {
    const mapped = (run: 'start' | 'probe'): number => {
      const { host, driver, device } = setUp('nvme');
      driver[run](host, device);
      return host.allocate(0);
    };
    expect(mapped('probe')).toBeLessThan(mapped('start') / 3);
  });
});
