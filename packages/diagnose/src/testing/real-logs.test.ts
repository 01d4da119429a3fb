import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';
import type { Diagnosis, LoggedFault } from '../diagnosis.ts';
import key from './real-logs.key.json' with { type: 'json' };

const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url));
const present = existsSync(shared);
const skip = 'the captures are not beside the repository';

/** What the key may say of a log; it was made by reading the logs, before there was a program to read them. */
interface Expected {
  readonly verdict: string;
  readonly faults?: readonly string[];
  readonly noted?: readonly number[];
  readonly damage?: readonly string[];
  readonly suppressed?: number;
  readonly release?: string;
  readonly architecture?: string;
  readonly units?: number;
  readonly reservedRegions?: number;
  readonly ioApics?: number;
  readonly kernels?: readonly { role: string; dma: string; interrupt: string; firstLine: number }[];
}

function check(expected: Expected, path: string): void {
  const diagnosis = diagnoseText(readFileSync(path), { file: path });
  expect(diagnosis.faults.first.map(inWords)).toEqual(expected.faults ?? []);
  expect(diagnosis.faults.dma + diagnosis.faults.interrupt).toBe((expected.faults ?? []).length);
  expect(diagnosis.verdict).toBe(expected.verdict);
  expect(diagnosis.notes.map((note) => note.line)).toEqual(expected.noted ?? []);
  expect(diagnosis.faults.suppressed).toBe(expected.suppressed ?? 0);
  for (const fault of diagnosis.faults.first)
    expect(fault.damage).toEqual(expect.arrayContaining([...(expected.damage ?? [])]));
  if (expected.damage === undefined)
    expect(diagnosis.faults.first.flatMap((fault) => fault.damage)).toEqual([]);
  checkKernels(expected, diagnosis);
}

function checkKernels(expected: Expected, diagnosis: Diagnosis): void {
  const [first] = diagnosis.kernels;
  if (expected.release !== undefined) expect(first?.release).toBe(expected.release);
  if (expected.architecture !== undefined) expect(first?.inventory.architecture).toBe(expected.architecture);
  const { units, reservedRegions, ioApics } = first?.inventory ?? {
    units: [],
    reservedRegions: [],
    ioApics: [],
  };
  if (expected.units !== undefined) expect(units).toHaveLength(expected.units);
  if (expected.reservedRegions !== undefined) expect(reservedRegions).toHaveLength(expected.reservedRegions);
  if (expected.ioApics !== undefined) expect(ioApics).toHaveLength(expected.ioApics);
  if (expected.kernels === undefined) return;
  const seen = diagnosis.kernels.map((kernel) => ({
    role: kernel.role,
    dma: kernel.dmaTables,
    interrupt: kernel.interruptTables,
    firstLine: kernel.firstLine,
  }));
  expect(seen).toEqual(expected.kernels);
}

function inWords(fault: LoggedFault): string {
  const lines = fault.lastLine === undefined ? String(fault.line) : `${fault.line}-${fault.lastLine}`;
  const { requester } = fault;
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const segment = requester?.segment === undefined ? '' : `${hex(requester.segment, 4)}:`;
  const who = requester
    ? `${segment}${hex(requester.bus, 2)}:${hex(requester.device, 2)}.${requester.fn}`
    : '?';
  const target = fault.index === undefined ? (fault.address ?? '?') : `index 0x${fault.index.toString(16)}`;
  const reason = fault.reason === undefined ? '?' : `0x${hex(fault.reason, 2)}`;
  return `${lines} ${fault.shape} ${fault.kind} ${fault.operation ?? '?'} ${who} ${target} ${reason}`;
}

const logs = Object.entries(key.logs as Record<string, Expected>);
const machines = Object.entries(key.machines as Record<string, Expected>);
const consoles = Object.entries(key.groundTruth as Record<string, Expected>);

describe.skipIf(!present)(`logs of mailing lists${present ? '' : `: ${skip}`}`, () => {
  it.each(logs)('%s', (file, expected) => check(expected, `${shared}/real-captures/logs/${file}`));

  it('are all in the key', () => {
    expect(readdirSync(`${shared}/real-captures/logs`).sort()).toEqual(logs.map(([file]) => file).sort());
  });
});

describe.skipIf(!present)(`boot logs of whole machines${present ? '' : `: ${skip}`}`, () => {
  it.each(machines)('%s', (name, expected) =>
    check(expected, `${shared}/real-captures/machines/${name}/dmesg.txt`),
  );
});

describe.skipIf(!present)(`consoles of observed crashes${present ? '' : `: ${skip}`}`, () => {
  it.each(consoles)('%s', (file, expected) => check(expected, `${shared}/ground-truth/${file}`));
});
