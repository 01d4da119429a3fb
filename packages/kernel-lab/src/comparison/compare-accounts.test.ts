import { preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import type { DeviceAccount, DevicePhase, RunAccount, UnitPhase } from '../account/account.ts';
import { defaultVariant } from '../lab/lab-variant.ts';
import type { Prediction } from '../prediction/predict.ts';
import { compareAccounts, disagreementsOf } from './compare-accounts.ts';
import type { CellKind, ComparedCell } from './compared-cell.ts';

const machine = preset('q35-lab');
const NIC = '0000:01:00.0';

function device(
  phases: DeviceAccount['phases'],
  verdict: DeviceAccount['verdict'] = 'working',
): DeviceAccount {
  return { name: NIC, phases, verdict };
}

function faults(count: number, ...reasons: number[]): DevicePhase {
  return { faults: count, reasons };
}

function account(changes: Partial<RunAccount> = {}): RunAccount {
  return {
    source: 'kernel',
    devices: [],
    units: {},
    dump: { exists: true },
    stopped: null,
    reached: 'dump',
    strategyFailure: null,
    console: [],
    ...changes,
  };
}

function predictions(...accounts: RunAccount[]): Prediction[] {
  return accounts.map((one) => ({ account: one, via: { '01:00.0': { 5: 'the chain' } }, corruption: [] }));
}

function compare(predicted: readonly Prediction[], observed: RunAccount): ComparedCell[] {
  return compareAccounts({ machine, variant: defaultVariant, predictions: predicted, observed });
}

function cell(
  cells: readonly ComparedCell[],
  kind: CellKind,
  phase: ComparedCell['phase'] = null,
): ComparedCell {
  const found = cells.find((one) => one.kind === kind && one.phase === phase);
  expect(found, `${kind} ${phase}`).toBeDefined();
  return found as ComparedCell;
}

describe('faults of a device in a phase', () => {
  const observed = account({ devices: [device({ iommu_init: faults(40, 5), initcalls: faults(0) })] });

  it('are there or not; how many only informs', () => {
    const same = account({ devices: [device({ iommu_init: faults(3, 5, 6), initcalls: faults(0) })] });
    const cells = compare(predictions(same), observed);
    expect(disagreementsOf(cells)).toEqual([]);
    expect(cell(cells, 'faults', 'iommu_init').counts).toEqual({ predicted: 3, observed: 40 });
    expect(cell(cells, 'reasons', 'iommu_init')).toMatchObject({
      standing: 'agrees',
      predicted: ['5 6'],
      observed: '5',
    });
  });

  it('that were not predicted, and those that did not come, disagree', () => {
    const other = account({ devices: [device({ iommu_init: faults(0), initcalls: faults(1, 5) })] });
    const cells = disagreementsOf(compare(predictions(other), observed));
    expect(cells).toMatchObject([
      { kind: 'faults', phase: 'iommu_init', predicted: ['none'], observed: 'faults', standing: 'disagrees' },
      { kind: 'faults', phase: 'initcalls', predicted: ['faults'], observed: 'none', standing: 'disagrees' },
    ]);
  });

  it('either agrees where seeds differ', () => {
    const one = account({ devices: [device({ iommu_init: faults(0), initcalls: faults(0) })] });
    const other = account({ devices: [device({ iommu_init: faults(9, 5), initcalls: faults(0) })] });
    const cells = compare(predictions(one, other), observed);
    expect(cell(cells, 'faults', 'iommu_init')).toMatchObject({
      standing: 'agrees',
      predicted: ['none', 'faults'],
    });
  });

  it('for a reason that was not predicted disagree, with the chain of what was', () => {
    const other = account({ devices: [device({ iommu_init: faults(9, 5), initcalls: faults(0) })] });
    const seen = account({ devices: [device({ iommu_init: faults(9, 2, 5), initcalls: faults(0) })] });
    expect(disagreementsOf(compare(predictions(other), seen))).toMatchObject([
      { kind: 'reasons', predicted: ['5'], observed: '2 5', via: 'the chain' },
    ]);
  });

  it('count for the phase before where the observer could not tell phases apart', () => {
    const fine = account({
      devices: [device({ crash: faults(0), iommu_init: faults(0), initcalls: faults(7, 6) })],
    });
    const coarse = account({ devices: [device({ crash: faults(0), iommu_init: faults(40, 6) })] });
    const cells = compare(predictions(fine), coarse);
    expect(cell(cells, 'faults', 'iommu_init').standing).toBe('agrees');
    expect(cells.some((one) => one.phase === 'initcalls')).toBe(false);
  });

  it('of a requester that the model knows nothing of disagree', () => {
    const stranger = { ...device({ iommu_init: faults(1, 5) }), name: '0000:09:00.0' };
    const cells = compare(predictions(account()), account({ devices: [stranger] }));
    expect(disagreementsOf(cells)).toMatchObject([
      { kind: 'faults', subject: '0000:09:00.0', predicted: ['none'] },
    ]);
  });
});

describe('registers', () => {
  const unit = (rootTable: number, changes: Partial<UnitPhase> = {}): UnitPhase => ({
    translation: true,
    interruptRemapping: true,
    rootTable,
    interruptTable: 0x1000,
    contexts: { [NIC]: { table: 0x9000, domainId: 3 } },
    ...changes,
  });

  it('a table that moved is one that moved, wherever it stands', () => {
    const predicted = account({ units: { dmar0: { crash: unit(0x4000), dump: unit(0x5000) } } });
    const observed = account({ units: { dmar0: { crash: unit(0x6000), dump: unit(0x7000) } } });
    expect(disagreementsOf(compare(predictions(predicted), observed))).toEqual([]);
    const still = account({ units: { dmar0: { crash: unit(0x6000), dump: unit(0x6000) } } });
    expect(disagreementsOf(compare(predictions(predicted), still))).toMatchObject([
      { kind: 'root-table', phase: 'dump', predicted: ['moved, legacy'], observed: 'kept, legacy' },
    ]);
  });

  it('mode, enables and contexts', () => {
    const predicted = account({ units: { dmar0: { crash: unit(0x4000), dump: unit(0x5000) } } });
    const other = unit(0x5400, { translation: false, interruptTable: 0x2000, contexts: { [NIC]: null } });
    const observed = account({ units: { dmar0: { crash: unit(0x4000), dump: other } } });
    const found = disagreementsOf(compare(predictions(predicted), observed));
    expect(found.map(({ kind, predicted: said, observed: seen }) => [kind, said[0], seen])).toEqual([
      ['translation', 'on', 'off'],
      ['root-table', 'moved, legacy', 'moved, scalable'],
      ['interrupt-table', 'kept', 'moved'],
      ['context', 'kept', 'none'],
    ]);
  });

  it('of a device: the whole Command register, where somebody looked', () => {
    const at = (command?: number): RunAccount =>
      account({
        devices: [device({ dump: { ...faults(0), ...(command === undefined ? {} : { command }) } })],
      });
    expect(disagreementsOf(compare(predictions(at(0x507)), at(0x503)))).toMatchObject([
      { kind: 'command', predicted: ['0x0507'], observed: '0x0503' },
    ]);
    expect(cell(compare(predictions(at(0x507)), at()), 'command', 'dump').standing).toBe('not-compared');
  });
});

describe('the run', () => {
  it('a verdict on a device', () => {
    const working = account({ devices: [device({ crash: faults(0) })] });
    const lost = account({ devices: [device({ crash: faults(0) }, 'lost')] });
    expect(disagreementsOf(compare(predictions(working), lost))).toMatchObject([
      { kind: 'verdict', predicted: ['working'], observed: 'lost' },
    ]);
  });

  it("a panic is the same in the console's words", () => {
    const cause = "timer doesn't work through Interrupt-remapped IO-APIC";
    const predicted = account({
      stopped: `kernel panic: ${cause}`,
      reached: 'setup_arch',
      dump: { exists: false },
    });
    const line = `[    0.3] Kernel panic - not syncing: ${cause}. Boot with apic=debug`;
    const observed = account({ stopped: line, reached: 'setup_arch', dump: { exists: false } });
    expect(disagreementsOf(compare(predictions(predicted), observed))).toEqual([]);
    const other = { ...observed, stopped: 'Kernel panic - not syncing: Attempted to kill init!' };
    expect(cell(compare(predictions(predicted), other), 'stopped').standing).toBe('disagrees');
    expect(cell(compare(predictions(predicted), account()), 'stopped').standing).toBe('disagrees');
  });

  it('what follows from a stop is not compared beside it', () => {
    const predicted = account({ devices: [device({ crash: faults(0) })] });
    const observed = account({
      ...{ stopped: 'Oops', reached: 'crash', dump: { exists: false } },
      devices: [device({ crash: faults(0) }, 'failed')],
    });
    expect(disagreementsOf(compare(predictions(predicted), observed)).map(({ kind }) => kind)).toEqual([
      'stopped',
    ]);
  });

  it('phases that one of them did not reach are not compared', () => {
    const short = account({
      reached: 'setup_arch',
      devices: [device({ crash: faults(0), setup_arch: faults(0) })],
    });
    const long = account({
      devices: [device({ crash: faults(0), setup_arch: faults(0), drivers: faults(9, 5) })],
    });
    expect(cell(compare(predictions(short), long), 'faults', 'drivers').standing).toBe('not-compared');
    const cells = compare(predictions(long), short);
    expect(cells.some((one) => one.phase === 'drivers')).toBe(false);
    expect(cell(cells, 'faults', 'setup_arch').counts).toEqual({ predicted: 0, observed: 0 });
  });

  it('the dump: there, intact, changing; only where somebody looked', () => {
    const predicted = account({ dump: { exists: true, intact: true, changedPages: 70 } });
    const observed = account({ dump: { exists: true, intact: false, changedPages: 1353 } });
    const cells = compare(predictions(predicted), observed);
    expect(cell(cells, 'dump').standing).toBe('agrees');
    expect(cell(cells, 'dump-intact')).toMatchObject({ standing: 'disagrees', observed: 'altered' });
    expect(cell(cells, 'dump-changes')).toMatchObject({
      standing: 'agrees',
      counts: { predicted: 70, observed: 1353 },
    });
    expect(cell(compare(predictions(predicted), account()), 'dump-intact').standing).toBe('not-compared');
  });

  it("the strategy's own failure", () => {
    const failed = account({ strategyFailure: { code: 'THREW', message: 'no' } });
    expect(disagreementsOf(compare(predictions(account()), failed))).toMatchObject([
      { kind: 'strategy', predicted: ['ran'], observed: 'THREW' },
    ]);
  });
});
