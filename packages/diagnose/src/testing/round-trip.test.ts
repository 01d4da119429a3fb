import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';
import type { LoggedFault } from '../diagnosis.ts';
import { type PlannedFault, printFault, type Shape, shapes } from './print-fault.ts';

const dmaReasons = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x39, 0x51, 0x78];
const interruptReasons = [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26];

const planned: fc.Arbitrary<PlannedFault> = fc
  .constantFrom('dma' as const, 'interrupt' as const)
  .chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      operation: fc.constantFrom('read' as const, 'write' as const),
      bus: fc.nat(0xff),
      device: fc.nat(0x1f),
      fn: fc.nat(7),
      page: fc.nat({ max: 2 ** 40 - 1 }),
      index: fc.nat(0xffff),
      reason: fc.constantFrom(...(kind === 'dma' ? dmaReasons : interruptReasons)),
    }),
  );

/** Carriers put something before each line; a number counts microseconds since boot. */
const carriers: Readonly<Record<string, (line: string, at: number) => string>> = {
  none: (line) => line,
  stamped: (line, at) => `[${(at / 1e6).toFixed(6).padStart(12)}] ${line}`,
  level: (line, at) => `<3>[${(at / 1e6).toFixed(6).padStart(12)}] ${line}`,
  caller: (line, at) => `[${(at / 1e6).toFixed(6).padStart(12)}][  T812] ${line}`,
  syslog: (line, at) => `May 22 09:35:09 host kernel: [${(at / 1e6).toFixed(6).padStart(12)}] ${line}`,
  journal: (line) => `May 22 09:35:09 host kernel: ${line}`,
  iso: (line) => `2026-05-22T09:35:09.123456+02:00 host kernel: ${line}`,
  date: (line) => `[Fri May 22 09:34:59 2026] ${line}`,
  quoted: (line, at) => `> [${(at / 1e6).toFixed(6).padStart(12)}] ${line}`,
  console: (line, at) => `  1234 [${(at / 1e6).toFixed(6).padStart(12)}] ${line}\r`,
};

function logOf(faults: readonly PlannedFault[], shape: Shape, carrier: string): string[] {
  const put = carriers[carrier] as (line: string, at: number) => string;
  return faults.flatMap((fault, index) =>
    printFault(fault, shape).map((line) => put(line, 70_000_000 + index * 1000)),
  );
}

function expected(fault: PlannedFault): object {
  const { kind, operation, bus, device, fn, page, index, reason } = fault;
  return {
    kind,
    reason,
    requester: expect.objectContaining({ bus, device, fn }),
    ...(kind === 'dma' ? { operation, address: page === 0 ? '0' : `${page.toString(16)}000` } : { index }),
  };
}

const faultsOf = (log: readonly string[]): readonly LoggedFault[] =>
  diagnoseText(log.join('\n'), { file: 'log' }).faults.first;

it.each(shapes)('reads faults of shape %s back from any carrier', (shape) => {
  fc.assert(
    fc.property(
      fc.array(planned, { maxLength: 4 }),
      fc.constantFrom(...Object.keys(carriers)),
      (faults, carrier) => {
        const read = faultsOf(logOf(faults, shape, carrier));
        expect(read).toEqual(faults.map((fault) => expect.objectContaining(expected(fault))));
        expect(read.every((fault) => fault.damage.every((one) => one === 'quoted'))).toBe(true);
        // Interrupt lines of F5 and F6 are the same.
        const printedAs = (fault: LoggedFault) =>
          fault.kind === 'interrupt' && shape === 'F6' ? 'F6' : fault.shape;
        for (const fault of read) expect(shape === 'F1' ? ['F1', 'F2'] : [shape]).toContain(printedAs(fault));
      },
    ),
    { numRuns: 40 },
  );
});

it.each(['F5', 'F6', 'F7', 'F8'] as const)('joins lines of shape %s that a mail wrapped', (shape) => {
  fc.assert(
    fc.property(
      planned,
      fc.constantFrom(...Object.keys(carriers)),
      fc.integer({ min: 56, max: 90 }),
      (fault, carrier, width) => {
        const log = logOf([fault], shape, carrier).flatMap((line) => wrapped(line, width));
        expect(faultsOf(log)).toEqual([expect.objectContaining(expected(fault))]);
      },
    ),
    { numRuns: 60 },
  );
});

it.each(['F5', 'F8'] as const)(
  'joins lines of shape %s that a terminal broke in the middle of words',
  (shape) => {
    fc.assert(
      fc.property(planned, fc.integer({ min: 60, max: 120 }), (fault, width) => {
        const log = logOf([fault], shape, 'stamped').flatMap(
          (line) => line.match(new RegExp(`.{1,${width}}`, 'g')) ?? [],
        );
        expect(faultsOf(log)).toEqual([expect.objectContaining(expected(fault))]);
      }),
      { numRuns: 100 },
    );
  },
);

it.each(['F1', 'F3', 'F4', 'xen'] as const)('finds the second line of shape %s behind others', (shape) => {
  fc.assert(
    fc.property(
      planned,
      fc.array(fc.constantFrom('usb 1-1: reset', 'DMAR: DRHD: handling fault status reg 2'), {
        maxLength: 4,
      }),
      (fault, between) => {
        const lines = printFault(fault, shape);
        const second = lines.pop() as string;
        expect(faultsOf([...lines, ...between, second])).toEqual([expect.objectContaining(expected(fault))]);
      },
    ),
    { numRuns: 40 },
  );
});

it('keeps what is left of a message that was cut', () => {
  fc.assert(
    fc.property(planned, fc.constantFrom('F5', 'F8' as const), fc.nat(40), (fault, shape, lost) => {
      const [status, line] = logOf([fault], shape as Shape, 'stamped') as [string, string];
      const cut = line.slice(0, line.length - lost);
      const diagnosis = diagnoseText([status, cut, '[   71.000000] usb 1-1: reset'].join('\n'), {
        file: 'log',
      });
      const [read] = diagnosis.faults.first;
      expect(diagnosis.faults.dma + diagnosis.faults.interrupt + diagnosis.notes.length).toBe(1);
      if (read?.reason !== undefined) expect(read.reason).toBe(fault.reason);
      if (read?.requester !== undefined)
        expect(read.requester).toMatchObject({ bus: fault.bus, device: fault.device });
    }),
    { numRuns: 100 },
  );
});

/** What a mail does to a long line: breaks it at the last blank before the width. */
function wrapped(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const at = line.lastIndexOf(' ', width);
  return at <= 0 ? [line] : [line.slice(0, at), ...wrapped(line.slice(at + 1), width)];
}
