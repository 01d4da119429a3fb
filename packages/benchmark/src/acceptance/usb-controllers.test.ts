import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crash, kernelProfile } from '@quiesce/boot-sequencer';
import { endpointOf, importMachine, type Machine, preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { faulting, run, strategies } from './runs.ts';

type Traits = Parameters<typeof endpointOf>[1];

const AUDIO = '0000:00:1b.0';
/** A kernel that sets its tables up anew and leaves USB controllers to their drivers. */
const withoutHandOff = { ...kernelProfile('linux-6-no-copy'), handsOffUsb: false };
const leftAlone = { kernel: withoutHandOff, firstKernel: 'linux-6' } as const;

/** `q35-lab` with a USB controller in the place of its audio controller, which has a memory BAR, too. */
function machineWithController(kind: 'ehci' | 'xhci', traits: Traits = {}): Machine {
  const machine = preset('q35-lab');
  return {
    ...machine,
    functions: machine.functions.map((one) =>
      one.name === AUDIO
        ? { ...one, endpoint: endpointOf(kind, { interrupt: 'msi', ...traits }, { ratePerSecond: 1000 }) }
        : one,
    ),
  };
}

describe.each(['ehci', 'xhci'] as const)('a controller of kind %s', (kind) => {
  it('is taken over with each strategy, and in steady steps as event by event', () => {
    const machine = machineWithController(kind);
    for (const [name, strategy] of Object.entries(strategies)) {
      expect(run(machine, { strategy }).devices['00:1b.0'], name).toBe('working');
    }
    for (const strategy of [strategies.none, strategies.acceptActiveIommuCopy]) {
      expect(run(machine, { strategy })).toEqual(run(machine, { strategy, mode: 'event-by-event' }));
    }
  });

  it('is silent because of the USB hand-off', () => {
    expect(faulting(run(machineWithController(kind), { kernel: 'linux-6-no-copy' }))).not.toContain(
      '00:1b.0',
    );
  });
});

describe('without the hand-off', () => {
  it('EHCI reads its lists where nothing is mapped any more, and once only where it halts', () => {
    const shrugs = run(machineWithController('ehci'), leftAlone).dmaFaults.byRequester['00:1b.0'];
    expect(shrugs?.total).toBeGreaterThan(100);
    expect(Object.keys(shrugs?.reasons ?? {})).toEqual(['0x06']);
    const halts = run(machineWithController('ehci', { onRefusal: 'stop-until-reset' }), leftAlone);
    expect(halts.dmaFaults.byRequester['00:1b.0']?.total ?? 0).toBeLessThan(2);
  });
});

const folder = fileURLToPath(
  new URL('../../../../../shared/real-captures/machines/dell-latitude-e6430', import.meta.url),
);
const USBSTS = 0x24;
const HOST_SYSTEM_ERROR = 1 << 4;

describe.skipIf(!existsSync(folder))('a real notebook (skipped where ../shared is absent)', () => {
  const load = (change: (one: Machine['functions'][number]) => Traits = () => ({})): Machine => {
    const bytes = (file: string): Uint8Array => readFileSync(`${folder}/${file}`);
    const machine = importMachine(
      { lspci: bytes('lspci-nnvvvxxxx.txt'), acpi: bytes('acpidump.txt') },
      { name: 'notebook' },
    );
    const functions = machine.functions.map((one) => {
      const usb = one.endpoint.kind === 'ehci' || one.endpoint.kind === 'xhci';
      const endpoint = { ...one.endpoint, traits: { ...one.endpoint.traits, ...change(one) } };
      return { ...one, endpoint, driver: { first: usb, second: one.name === machine.dumpTarget } };
    });
    return { ...machine, functions };
  };

  it('has its controllers driven by both kernels', () => {
    const machine = load();
    const both = machine.functions.map((one) => ({ ...one, driver: { first: true, second: true } }));
    const { devices, dmaFaults } = run({ ...machine, functions: both }, { kernel: 'linux-6' });
    for (const name of ['00:14.0', '00:1a.0', '00:1d.0']) {
      expect(devices[name]).toBe('working');
      expect(Object.keys(dmaFaults.byRequester)).not.toContain(name);
    }
  });

  it('is given its controllers by firmware when the second kernel asks', () => {
    const machine = load();
    const owned = machine.functions.map((one) => ({
      ...one,
      config:
        one.endpoint.kind === 'ehci'
          ? `${one.config.slice(0, 0x68 * 2)}01000100${one.config.slice(0x6c * 2)}`
          : one.config,
    }));
    const request = { machine: { ...machine, functions: owned }, strategy: strategies.none, seed: 3 };
    const { log, world } = crash({ ...request, kernel: 'linux-6' });
    expect(log.join('\n')).not.toContain('handoff failed');
    for (const name of ['0000:00:1a.0', '0000:00:1d.0']) {
      expect(world.hardware.hierarchy.byName(name)?.config.read(0x68, 4), name).toBe(0x0100_0001);
    }
  });

  it('faults as real ones do where its controllers are left running: once, or on and on', () => {
    const halting = crash({ machine: load(), strategy: strategies.none, seed: 3, ...leftAlone });
    const words = (device: string): RegExp =>
      new RegExp(
        `DMAR: \\[DMA Read NO_PASID\\] Request device \\[${device}\\] fault addr 0xf[0-9a-f]{7} \\[fault reason 0x06\\] PTE Read access is not set$`,
      );
    expect(halting.log.filter((line) => words('00:14.0').test(line))).toHaveLength(1);
    // EHCI reads each millisecond, and so also while translation is off: its I/O address is no memory's.
    const bar = (name: string): number => {
      const at = halting.world.machine.functions.find((one) => one.name === name)?.config.slice(0x20, 0x28);
      const bytes = at?.match(/../g)?.reverse().join('') ?? '';
      return Number.parseInt(bytes, 16) & 0xffff_fff0;
    };
    for (const name of ['0000:00:1a.0', '0000:00:1d.0']) {
      const status = halting.world.hardware.fabric.mmioRead((bar(name) >>> 0) + USBSTS, 4);
      expect(status & HOST_SYSTEM_ERROR, name).toBe(HOST_SYSTEM_ERROR);
    }
    const shrugging = load(({ endpoint }) => (endpoint.kind === 'ehci' ? { onRefusal: 'ignore' } : {}));
    const { log } = crash({ machine: shrugging, strategy: strategies.none, seed: 3, ...leftAlone });
    for (const device of ['00:1a.0', '00:1d.0']) {
      expect(log.filter((line) => words(device).test(line)).length, device).toBeGreaterThan(1);
    }
  });
});
