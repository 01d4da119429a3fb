import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labPhases, type RunAccount } from '../account/account.ts';
import type { LabResult } from '../lab/lab-request.ts';
import { accountsOf, parseRecordedRuns, recordedFile, recordedRuns, recordedText } from './recorded-runs.ts';
import { sparseAccount, wholeAccount } from './sparse-account.ts';

const small = fc.nat(3);
const device = fc.record({
  name: fc.constantFrom('0000:01:00.0', '0000:02:00.0'),
  phases: fc.dictionary(
    fc.constantFrom(...labPhases),
    fc.record(
      { faults: small, reasons: fc.uniqueArray(small), command: small },
      { requiredKeys: ['faults', 'reasons'] },
    ),
  ),
  verdict: fc.constantFrom('working', 'lost'),
});
const unit = fc.record({
  translation: fc.boolean(),
  interruptRemapping: fc.boolean(),
  rootTable: small,
  interruptTable: small,
  contexts: fc.record({
    a: fc.option(fc.record({ table: small, domainId: small })),
    b: fc.option(fc.record({ table: small, domainId: small })),
  }),
});
const accounts = fc
  .record({
    source: fc.constant('kernel'),
    devices: fc.array(device, { maxLength: 3 }),
    units: fc.record({ dmar0: fc.dictionary(fc.constantFrom(...labPhases), unit) }),
    dump: fc.record({ exists: fc.boolean() }),
    stopped: fc.option(fc.string()),
    reached: fc.constantFrom(...labPhases),
    strategyFailure: fc.constant(null),
    console: fc.constant([]),
  })
  .map((one) => one as unknown as RunAccount);

const combination = {
  machine: 'q35-lab',
  strategy: 'root-port-reset',
  options: { restore: false },
  kernel: 'debian-6.1.192',
  variant: { tables: 'no-copy' },
} as const;

function resultOf(runs: readonly RunAccount[]): LabResult {
  return {
    kernelRelease: '6.1.0-55-amd64',
    kernelVersion: '6.1.192',
    qemuVersion: '7.2.22',
    observations: runs.map((account) => ({ account, files: {}, seconds: 12.4 })),
  };
}

describe('recorded runs', () => {
  it('are what was observed, without the console', () => {
    fc.assert(
      fc.property(accounts, (account) => {
        expect(wholeAccount(structuredClone(sparseAccount(account)))).toEqual(account);
      }),
    );
  });

  it('come out of a file as they went in', () => {
    fc.assert(
      fc.property(fc.array(accounts, { minLength: 1, maxLength: 3 }), (runs) => {
        const recorded = recordedRuns(combination, resultOf(runs));
        const read = parseRecordedRuns(recordedText(recorded), 'x.json');
        expect(read).toEqual(JSON.parse(JSON.stringify(recorded)));
        expect(accountsOf(read)).toEqual(runs);
      }),
    );
  });

  it('have a file of their own, named for all that they are', () => {
    expect(recordedFile(combination)).toBe('q35-lab_root-port-reset-restore-false_6.1.192_no-copy.json');
    const other = {
      ...combination,
      variant: { firstScalable: true, interrupts: 'on' },
      undriven: ['nvme'],
    } as const;
    expect(recordedFile(other)).toBe(
      'q35-lab_root-port-reset-restore-false_6.1.192_copy-scalable-on-off-interrupts-no-nvme.json',
    );
  });

  it.each([
    ['{', 'x.json: not JSON'],
    ['[]', 'x.json: there are no runs of the kernel lab'],
    ['null', 'schema quiesce/lab-runs/1'],
    ['{"schema":"quiesce/lab-runs/1","combination":{"machine":"m"},"runs":[]}', 'no runs'],
  ])('%s is refused', (text, message) => {
    expect(() => parseRecordedRuns(text, 'x.json')).toThrow(message);
  });
});
