import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../build/config-bytes.ts';
import { ConfigReader } from '../description/config-reader.ts';
import type { Machine, MachineFunction } from '../description/machine.ts';
import { preset } from '../presets/presets.ts';
import { type PrintedForm, printAsLspci, printedForms } from '../testing/lspci-printer.ts';
import { importMachine } from './import-machine.ts';
import { type LspciDump, type LspciFunction, parseLspci } from './lspci.ts';
import { parseLspciMachineReadable } from './lspci-machine-readable.ts';
import { parseLspciTree } from './lspci-tree.ts';

const file = 'lspci.txt';

function read(text: string, form: PrintedForm): LspciDump {
  if (form === '-tnn') return parseLspciTree(text, { file });
  if (form === '-mmnn' || form === '-vmmnn') return parseLspciMachineReadable(text, { file });
  return parseLspci(text, { file });
}

/** Bits that the reader takes from the text and that differ from what was printed. */
function wrongBits(one: LspciFunction, truth: Uint8Array): string[] {
  return (one.decoded ?? []).flatMap(({ start, end, from, bits = 0xff, line }) => {
    if (from !== 'text') return [];
    return Array.from({ length: end - start }, (_, i) => start + i)
      .filter((at) => (((one.bytes[at] as number) ^ (truth[at] as number)) & bits) !== 0)
      .map((at) => `${one.name} ${at.toString(16)} line ${line}: ${one.bytes[at]}, not ${truth[at]}`);
  });
}

const machines = ['server-2012', 'workstation-2012', 'sriov-2020', 'management-2012', 'q35-lab'];

describe.each(machines)('%s, printed and read back', (name) => {
  const machine = preset(name);
  const truth = new Map(machine.functions.map((one) => [one.name, hexToBytes(one.config) as Uint8Array]));

  it.each(printedForms)('%s gives every function, and no bit that is wrong', (form) => {
    const { functions, notes } = read(printAsLspci(machine, form), form);
    expect(notes).toEqual([]);
    expect(functions.map((one) => one.name).sort()).toEqual([...truth.keys()].sort());
    for (const one of functions) {
      expect(wrongBits(one, truth.get(one.name) as Uint8Array)).toEqual([]);
      const [said, known] = [
        new ConfigReader(one.bytes),
        new ConfigReader(truth.get(one.name) as Uint8Array),
      ];
      // A tree does not say what its bridges are.
      if (form !== '-tnn' || !known.isBridge) expect(said.u32(0)).toBe(known.u32(0));
      else expect([said.u8(0x19), said.u8(0x1a)]).toEqual([known.u8(0x19), known.u8(0x1a)]);
    }
  });

  it.each(['-nnv', '-nnvv', '-nnvvx'] as const)('%s gives each capability at its offset', (form) => {
    for (const one of read(printAsLspci(machine, form), form).functions) {
      const [said, known] = [
        new ConfigReader(one.bytes),
        new ConfigReader(truth.get(one.name) as Uint8Array),
      ];
      expect([said.headerType, said.classCode], one.name).toEqual([known.headerType, known.classCode]);
      for (const id of [1, 5, 0x10, 0x11]) expect(said.capability(id), one.name).toBe(known.capability(id));
      for (const id of [1, 0x0d, 0x0f, 0x10, 0x13]) {
        expect(said.extendedCapability(id), one.name).toBe(known.extendedCapability(id));
      }
      expect(said.expressType, one.name).toBe(known.expressType);
    }
  });

  it('gives bridges, BARs, sizes and kinds of endpoints without a single byte', () => {
    const imported = importMachine({ lspci: printAsLspci(machine, '-nnvv') }, { name });
    const sorted = [...machine.functions].sort((a, b) => (a.name < b.name ? -1 : 1));
    const shape = ({ name: place, config }: MachineFunction): unknown => {
      const known = new ConfigReader(hexToBytes(config) as Uint8Array);
      const buses = known.isBridge ? [known.u32(0x18), known.u32(0x20), known.u8(0x1c) & 0xf0] : [];
      const bars = known.headerType === 0 ? [0, 1, 2, 3, 4, 5].map((i) => known.u32(0x10 + 4 * i)) : [];
      return { place, buses, bars };
    };
    expect(imported.functions.map(shape)).toEqual(sorted.map(shape));
    expect(imported.description).toMatch('rebuilt from words');
    expect(imported.inferred.filter((one) => one.path.endsWith('/config')).length).toBeGreaterThan(0);
    expect(imported.rootComplexes.map((one) => one.firstBus)).toEqual(rootBuses(machine));
  });
});

const rootBuses = (machine: Machine): number[] =>
  importMachine({ lspci: printAsLspci(machine, '-nnvvxxxx') }, { name: 'x' }).rootComplexes.map(
    (one) => one.firstBus,
  );

describe('damaged text of any form', () => {
  it('is read, or refused with a typed error', () => {
    const machine = preset('server-2012');
    const texts = printedForms.map((form) => [form, printAsLspci(machine, form)] as const);
    const damage = fc.record({
      form: fc.nat(texts.length - 1),
      reader: fc.nat(texts.length - 1),
      at: fc.nat(),
      length: fc.nat(60),
      foreign: fc.oneof(
        fc.string({ maxLength: 20 }),
        fc.constantFrom('\n', '\t', ' ', '[', '-[ff]-', '+', '"', '\\'),
      ),
    });
    fc.assert(
      fc.property(damage, ({ form, reader, at, length, foreign }) => {
        const text = (texts[form] as (typeof texts)[number])[1];
        const position = at % text.length;
        const damaged = text.slice(0, position) + foreign + text.slice(position + length);
        try {
          const { functions } = read(damaged, printedForms[reader] as PrintedForm);
          for (const one of functions) expect([64, 256, 4096]).toContain(one.bytes.length);
          expect(new Set(functions.map((one) => one.name)).size).toBe(functions.length);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
