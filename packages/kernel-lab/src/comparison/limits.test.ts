import { preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import type { DeviceAccount, RunAccount } from '../account/account.ts';
import { defaultVariant } from '../lab/lab-variant.ts';
import { labTopology } from '../topologies/lab-topologies.ts';
import type { ComparedCell } from './compared-cell.ts';
import { type LimitSetting, qemuLimits } from './limits.ts';

const observed: RunAccount = {
  source: 'kernel',
  devices: [],
  units: {},
  dump: { exists: true },
  stopped: null,
  reached: 'dump',
  strategyFailure: null,
  console: [],
};
const legacy: LimitSetting = {
  machine: preset('q35-lab'),
  variant: defaultVariant,
  observed,
  predictions: [],
};
const scalable: LimitSetting = { ...legacy, variant: { ...defaultVariant, firstScalable: true } };

function explaining(
  cell: Pick<ComparedCell, 'kind' | 'predicted' | 'observed' | 'counts'>,
  setting = legacy,
  subject = '0000:01:00.0',
) {
  const whole: ComparedCell = { subject, phase: 'drivers', standing: 'disagrees', ...cell };
  return qemuLimits.filter((one) => one.explains(whole, setting)).map(({ name }) => name);
}

it('every limit says what QEMU does, under a name of its own', () => {
  expect(new Set(qemuLimits.map(({ name }) => name)).size).toBe(qemuLimits.length);
  for (const { reason } of qemuLimits) expect(reason.length).toBeGreaterThan(80);
});

describe('legacy-reasons-in-scalable-mode', () => {
  const name = 'legacy-reasons-in-scalable-mode';

  it.each([
    ['0x39', '1'],
    ['0x41', '2'],
    ['0x79', '5'],
    ['0x79', '5 6'],
    ['0x39 0x41', '1'],
    ['0x84', '4'],
    ['0x59', '0x58'],
  ])('%s comes as %s', (predicted, observed) => {
    const cell = { kind: 'reasons', predicted: [predicted], observed } as const;
    expect(explaining(cell, scalable)).toEqual([name]);
    expect(explaining(cell, legacy)).not.toContain(name);
  });

  it.each([
    ['0x39', '2'],
    ['0x39', '5'],
    ['0x79', '1'],
    ['5', '1'],
    ['0x39', '1 2'],
  ])('%s is not what comes as %s', (predicted, observed) => {
    expect(explaining({ kind: 'reasons', predicted: [predicted], observed }, scalable)).toEqual([]);
  });

  it('says nothing of faults that do not come', () => {
    expect(explaining({ kind: 'faults', predicted: ['faults'], observed: 'none' }, scalable)).toEqual([]);
  });
});

describe('stopping-drains-block-devices', () => {
  it('faults of a drive that do not come; nothing else of it, and of nobody else', () => {
    const none = { kind: 'faults', predicted: ['faults'], observed: 'none' } as const;
    expect(explaining(none, legacy, '0000:05:00.0')).toEqual(['stopping-drains-block-devices']);
    expect(explaining(none, legacy, '0000:01:00.0')).toEqual([]);
    expect(explaining({ ...none, predicted: ['none'], observed: 'faults' }, legacy, '0000:05:00.0')).toEqual(
      [],
    );
    expect(explaining({ ...none, kind: 'verdict' }, legacy, '0000:05:00.0')).toEqual([]);
  });
});

describe('audio-in-bursts', () => {
  const few = {
    kind: 'faults',
    predicted: ['faults'],
    observed: 'none',
    counts: { predicted: 2, observed: 0 },
  } as const;
  const AUDIO = '0000:06:00.0';

  it('a few faults of audio that do not come; not many, not those of others, and none that come unpredicted', () => {
    expect(explaining(few, legacy, AUDIO)).toEqual(['audio-in-bursts']);
    expect(explaining({ ...few, counts: { predicted: 29, observed: 0 } }, legacy, AUDIO)).not.toEqual([]);
    expect(explaining({ ...few, counts: { predicted: 31, observed: 0 } }, legacy, AUDIO)).toEqual([]);
    expect(explaining(few, legacy, '0000:01:00.0')).toEqual([]);
    const unpredicted = {
      ...few,
      predicted: ['none'],
      observed: 'faults',
      counts: { predicted: 0, observed: 9 },
    };
    expect(explaining(unpredicted, legacy, AUDIO)).toEqual([]);
  });
});

describe('null-descriptors-use-up-a-ring', () => {
  const name = 'null-descriptors-use-up-a-ring';
  const silent = { kind: 'faults', predicted: ['faults'], observed: 'none' } as const;
  const after = (faults: number): LimitSetting => ({
    ...legacy,
    observed: {
      ...observed,
      devices: [
        { name: '0000:01:00.0', phases: { iommu_init: { faults, reasons: [5, 6] } }, verdict: 'working' },
      ],
    },
  });

  it('a card is silent after it was refused a whole ring, and only then', () => {
    expect(explaining(silent, after(22_527))).toEqual([name]);
    expect(explaining(silent, after(16))).toEqual([]);
    expect(explaining(silent, after(22_527), '0000:04:00.0')).toEqual([]);
    expect(explaining({ ...silent, predicted: ['none'], observed: 'faults' }, after(22_527))).toEqual([]);
  });
});

describe('stopping-delivers-waiting-frames', () => {
  const name = 'stopping-delivers-waiting-frames';
  const silent = { kind: 'faults', predicted: ['faults'], observed: 'none' } as const;
  const stoppedWith = (command: number): LimitSetting => ({
    ...legacy,
    observed: {
      ...observed,
      devices: [
        {
          name: '0000:01:00.0',
          phases: { pci_arch_init: { faults: 0, reasons: [], command } },
          verdict: 'working',
        },
      ],
    },
  });

  it('a card is silent after a stop without bus mastering, and only then', () => {
    expect(explaining(silent, stoppedWith(0x0503))).toEqual([name]);
    expect(explaining(silent, stoppedWith(0))).toEqual([name]);
    expect(explaining(silent, stoppedWith(0x0507))).toEqual([]);
    expect(explaining(silent, stoppedWith(0xffff))).toEqual([]);
    expect(explaining(silent, stoppedWith(0x0503), '0000:04:00.0')).toEqual([]);
    expect(explaining({ ...silent, predicted: ['none'], observed: 'faults' }, stoppedWith(0))).toEqual([]);
  });
});

describe('frames-held-while-tables-change', () => {
  const silent = { kind: 'faults', predicted: ['faults'], observed: 'none' } as const;
  const NIC = '0000:01:00.0';
  const then = (faults: number): LimitSetting => ({
    ...legacy,
    observed: {
      ...observed,
      devices: [{ name: NIC, phases: { initcalls: { faults, reasons: [6] } }, verdict: 'working' }],
    },
  });
  const held = (
    setting: LimitSetting,
    subject = NIC,
    phase: ComparedCell['phase'] = 'iommu_init',
  ): string[] => {
    const cell: ComparedCell = { ...silent, subject, phase, standing: 'disagrees' };
    return qemuLimits.filter((one) => one.explains(cell, setting)).map(({ name }) => name);
  };

  it('a card that faults in the next phase instead', () => {
    expect(held(then(300))).toEqual(['frames-held-while-tables-change']);
    expect(held(then(0))).toEqual([]);
    expect(held(then(300), NIC, 'initcalls')).toEqual([]);
    expect(held(then(300), '0000:06:00.0')).toEqual([]);
  });
});

describe('snapshots-forget-expander-bridges', () => {
  it('the Command register of a pxb-pcie, and nothing else', () => {
    const setting = { ...legacy, machine: labTopology('q35-scalable') };
    const cell = { kind: 'command', predicted: ['0x0103'], observed: '0x0000' } as const;
    const at = (subject: string) => explaining(cell, setting, subject);
    expect(at('0000:00:03.0')).toEqual(['snapshots-forget-expander-bridges']);
    expect(at('0000:00:00.0')).toEqual([]);
    expect(explaining({ ...cell, observed: '0x0100' }, setting, '0000:00:03.0')).toEqual([]);
  });
});

describe('steps-take-long-under-emulation', () => {
  it.each([
    ['5', '2 5', true],
    ['5', '2', true],
    ['5', '1 5', false],
    ['5', '2 6', false],
  ])('%s beside %s: %s', (predicted, seen, explained) => {
    const found = explaining({ kind: 'reasons', predicted: [predicted], observed: seen });
    expect(found).toEqual(explained ? ['steps-take-long-under-emulation'] : []);
  });

  it.each([
    ['0x39 0x79', '1 5 0x58', true],
    ['0x79', '2 5', true],
    ['0x79', '1 0x58', false],
  ])('in scalable mode, %s beside %s: %s', (predicted, seen, explained) => {
    const variant = { ...defaultVariant, firstScalable: true, secondScalable: true };
    const found = explaining(
      { kind: 'reasons', predicted: [predicted], observed: seen },
      { ...legacy, variant },
    );
    expect(found).toEqual(explained ? ['steps-take-long-under-emulation'] : []);
  });
});

describe('timer-late-on-a-busy-host', () => {
  const panic = "timer doesn't work through Interrupt-remapped IO-APIC";
  const cell = { kind: 'stopped', predicted: ['went on'], observed: panic } as const;
  const ended = (inService?: readonly number[]): LimitSetting => ({
    ...legacy,
    observed: { ...observed, stopped: panic, ...(inService === undefined ? {} : { inService }) },
  });

  it('a panic over the timer while no vector is in service, and no other', () => {
    expect(explaining(cell, ended([]))).toEqual(['timer-late-on-a-busy-host']);
    expect(explaining(cell, ended([58]))).toEqual([]);
    expect(explaining(cell, ended())).toEqual([]);
    expect(explaining({ ...cell, observed: 'Attempted to kill init!' }, ended([]))).toEqual([]);
  });
});

describe('no-pasid-cache', () => {
  const NIC = '0000:82:1f.6';
  const variant = { ...defaultVariant, firstScalable: true, secondScalable: true };
  const withVerdict = (verdict: DeviceAccount['verdict']): RunAccount => ({
    ...observed,
    devices: [{ name: NIC, phases: {}, verdict }],
  });
  const setting = (said: DeviceAccount['verdict'], seen: DeviceAccount['verdict']): LimitSetting => ({
    ...legacy,
    variant,
    observed: withVerdict(seen),
    predictions: [{ account: withVerdict(said) }],
  });
  const verdict = { kind: 'verdict', predicted: ['failed'], observed: 'working' } as const;
  const faults = { kind: 'faults', predicted: ['faults'], observed: 'none' } as const;

  it('a device that fails in the model alone, and what it does once its driver attaches', () => {
    const apart = setting('failed', 'working');
    expect(explaining(verdict, apart, NIC)).toEqual(['no-pasid-cache']);
    expect(explaining(faults, apart, NIC)).toEqual(['no-pasid-cache']);
    expect(explaining({ ...faults, kind: 'command' }, apart, NIC)).toEqual([]);
    expect(explaining(verdict, { ...apart, variant: defaultVariant }, NIC)).toEqual([]);
    expect(explaining(verdict, { ...apart, predictions: [] }, NIC)).toEqual([]);
    expect(explaining(faults, setting('working', 'working'), NIC)).toEqual([]);
    expect(explaining(verdict, setting('failed', 'lost'), NIC)).toEqual([]);
  });
});

describe('windows-between-two-bursts', () => {
  const name = 'windows-between-two-bursts';
  const silent = { kind: 'faults', predicted: ['faults'], observed: 'none', phase: 'iommu_init' } as const;
  const then = (faults: number): LimitSetting => ({
    ...legacy,
    observed: {
      ...observed,
      devices: [
        { name: '0000:06:00.0', phases: { initcalls: { faults, reasons: [5] } }, verdict: 'working' },
      ],
    },
  });

  it('a stream that is refused as soon as the function has returned', () => {
    const whole = (setting: LimitSetting, subject: string): string[] =>
      qemuLimits
        .filter((one) => one.explains({ ...silent, subject, standing: 'disagrees' }, setting))
        .map((one) => one.name);
    expect(whole(then(400), '0000:06:00.0')).toContain(name);
    expect(whole(then(0), '0000:06:00.0')).not.toContain(name);
    expect(whole(then(400), '0000:01:00.0')).not.toContain(name);
  });
});

describe('descriptors-are-read-frame-by-frame', () => {
  const name = 'descriptors-are-read-frame-by-frame';
  const setting = (faults: number): LimitSetting => ({
    ...legacy,
    observed: {
      ...observed,
      devices: [
        { name: '0000:01:00.0', phases: { drivers: { faults, reasons: [5, 6] } }, verdict: 'working' },
      ],
    },
  });

  it('reads refused beside writes while a ring is used up, and nothing else', () => {
    const cell = { kind: 'reasons', predicted: ['5'], observed: '5 6' } as const;
    expect(explaining(cell, setting(33_984))).toContain(name);
    expect(explaining(cell, setting(8))).not.toContain(name);
    expect(explaining({ ...cell, observed: '2 5' }, setting(33_984))).not.toContain(name);
    expect(explaining(cell, setting(33_984), '0000:06:00.0')).not.toContain(name);
  });
});
