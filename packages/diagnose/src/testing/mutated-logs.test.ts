import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { printFault, shapes } from './print-fault.ts';

const fault = {
  kind: 'dma',
  operation: 'read',
  bus: 4,
  device: 0,
  fn: 1,
  page: 0xca6d5,
  index: 0,
  reason: 6,
} as const;
const interrupt = { ...fault, kind: 'interrupt', reason: 0x25, index: 0x1600 } as const;

const seedLines: readonly string[] = [
  '[    0.000000] Linux version 6.1.0-56-amd64 (b@h) (gcc-12 (Debian 12.2.0) 12.2.0) #1 SMP Debian 6.1.192-2 (2026-11-16)',
  '[    0.000000] Command line: elfcorehdr=0x2e000000 intel_iommu=on nr_cpus=1 reset_devices',
  '[    0.168629] DMAR: DRHD base: 0x000000fed90000 flags: 0x0',
  '[    0.168640] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 7e1ff0505e',
  '[    1.632326] DMAR: Translation already enabled - trying to copy translation structures',
  ...shapes.flatMap((shape) => [...printFault(fault, shape), ...printFault(interrupt, shape)]),
  '[    5.000000] dmar_fault: 2474 callbacks suppressed',
  'nvme 0000:05:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000a address=0xfffff000 flags=0x0020]',
  'arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:',
  'arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000020000000010',
  "[    7.000000] Kernel panic - not syncing: timer doesn't work through Interrupt-remapped IO-APIC",
  '<div>DMAR: [DMA Read] Request device [02:00.0] fault addr 1000 [fault reason 06] PTE Read access is not set</div>',
];

const fragment = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '\n',
    '\r',
    '\0',
    '\x1b[31m',
    '> ',
    '[',
    ']',
    'fault addr ',
    '[fault reason ',
    '$',
    'DMAR: ',
    '(XEN) ',
  ),
);

/** One change: at a place, so many characters are taken out, and something is put in. */
const change = fc.record({ at: fc.nat(6000), out: fc.nat(40), put: fragment });

function mutated(
  changes: readonly { at: number; out: number; put: string }[],
  order: readonly number[],
): string {
  let log = order.map((index) => seedLines[index % seedLines.length]).join('\n');
  for (const { at, out, put } of changes) {
    const from = at % (log.length + 1);
    log = log.slice(0, from) + put + log.slice(from + out);
  }
  return log;
}

it('reads 2,000 damaged logs without an error and accounts for every word of a fault', () => {
  const order = fc.array(fc.nat(seedLines.length - 1), { maxLength: 25 });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), order, (changes, lines) => {
      const log = mutated(changes, lines);
      const diagnosis = diagnoseText(log, { file: 'log' });
      expect(unaccounted(log, diagnosis)).toEqual([]);
      for (const one of diagnosis.faults.first) expect(one.kernel).toBeLessThan(diagnosis.kernels.length);
    }),
    { numRuns: 2000 },
  );
});

/** Lines with the words of a fault of which the diagnosis says nothing. */
function unaccounted(log: string, { faults, events, notes }: Diagnosis): string[] {
  const told = new Set([...events.map((event) => event.line), ...notes.map((note) => note.line)]);
  for (const one of faults.first)
    for (let at = one.line; at <= (one.lastLine ?? one.line); at++) told.add(at);
  // An escape sequence may take the first letters with it.
  const words = /fault addr|fault index|fault reason|IO_PAGE_FAULT/;
  const text = new TextDecoder().decode(new TextEncoder().encode(log));
  return text
    .split('\n')
    .filter((line, index) => words.test(line) && !line.includes('\x1b') && !told.has(index + 1));
}

it('keeps a bounded part of floods', () => {
  const flood = (line: (at: number) => string) =>
    diagnoseText(
      new Array(5000)
        .fill(0)
        .map((_, at) => line(at))
        .join('\n'),
      { file: 'log' },
    );
  const size = (diagnosis: Diagnosis) => JSON.stringify(diagnosis).length;
  const many = flood(
    (at) => printFault({ ...fault, bus: at & 0xff, device: (at >> 8) & 0x1f, fn: at & 7 }, 'F8')[1] as string,
  );
  expect(many.faults.dma).toBe(5000);
  expect(many.faults.groups.length).toBe(1000);
  expect(many.notes.at(-1)?.message).toContain('in no group');
  expect(size(many)).toBeLessThan(2_000_000);
  expect(size(flood(() => 'DMAR: DRHD: handling fault status reg 2'))).toBeLessThan(100_000);
  expect(size(flood((at) => `x fault addr ${at}`))).toBeLessThan(100_000);
  expect(size(flood((at) => `DMAR: No ${at}`))).toBeLessThan(100_000);
  expect(size(flood((at) => `[    ${at % 2 === 0 ? 0.001 : 9.1}] DMAR: x`))).toBeLessThan(200_000);
  expect(size(flood(() => 'DMAR: Kernel panic \r'.repeat(50)))).toBeLessThan(200_000);
});

it('takes no more than its time for lines that are made to be slow', () => {
  const slow = [
    `DMAR: ${' '.repeat(60_000)}x`,
    `${'> '.repeat(30_000)}DMAR`,
    `DMAR ${'\r'.repeat(60_000)}x`,
    `fault addr ${'<a '.repeat(20_000)}<div>`,
    `${'[fault reason '.repeat(4000)}`,
    `Tainted: ${'A '.repeat(30_000)} DMAR`,
    `AMD-Vi: Event logged [${'A_'.repeat(30_000)}`,
    `${'0000:'.repeat(12_000)}DMAR: AMD-Vi: `,
    `Firmware Bug ${'DMAR '.repeat(12_000)}`,
  ];
  const diagnosis = diagnoseText(new Array(20).fill(slow).flat().join('\n'), { file: 'log' });
  expect(diagnosis.faults.first).toEqual([]);
});
