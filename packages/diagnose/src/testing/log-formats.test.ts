import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';
import key from './log-formats.key.json' with { type: 'json' };

const path = fileURLToPath(new URL('../../../../../shared/LOG-FORMATS.md', import.meta.url));
const present = existsSync(path);

interface QuotedShape {
  readonly line: number;
  readonly text: string;
}

/** What stands for something in a description of a shape, and an example of it. */
const EXAMPLES: readonly (readonly [RegExp, string])[] = [
  [/0x<addr> <len>/, '0x000000007B7E3000 000088'],
  [/<hex>/, '2'],
  [/␠/, ' '],
  [/ \\n {3}/, '\n'],
  [/(?<=\[DMA Read\]) \.\.\./, ' Request device [04:00.0] fault addr ca6d5000'],
  // Of these the text says in words what stands around them.
  [/^\[(?=[A-Z]{2,}_)/, 'AMD-Vi: Event logged ['],
  [/^\.\.\. table \(entry\)/, 'pasid table entry'],
  [/^\.\.\.bad RMRR/, 'DMAR: [Firmware Bug]: Your BIOS is broken; bad RMRR'],
  [/^trying to reuse$/, 'AMD-Vi: Translation is already enabled - trying to reuse translation structures'],
  [/\|[A-Z0-9x]+(?:\|[A-Z]+)?(?= found|$)/, ''],
  [/\bN (?=callbacks)/, '7 '],
  [/\bdmarN\b/, 'dmar0'],
  [/\[n\]/, '[1]'],
  [/ver M:m cap \.\. ecap \.\./, 'ver 1:0 cap d2008c40660462 ecap f050da'],
  [/reg_base_addr \.\./, 'reg_base_addr fed90000'],
  [/base: \.\. end: \.\./, 'base: 0x0000009d800000 end: 0x0000009fffffff'],
  [/id N under/, 'id 2 under'],
  [/bb:dd\.f/g, '04:00.0'],
  [/(?<=level:? )n\b/, '2'],
  [/0x%016x/g, '0x0000000000001001'],
  [/0x\.\.\.?/g, '0x1000'],
  [/\.\.\./g, ''],
];

/** Shapes of the section on lines and of the one on kdump: in quotation marks, or on lines of their own. */
function quotedShapes(): QuotedShape[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  const from = lines.findIndex((line) => line.startsWith('F1 '));
  const to = lines.findIndex((line) => line.startsWith('## What the carriers'));
  const shapes: QuotedShape[] = [];
  const text = lines.slice(from, to).join('\n');
  const lineAt = (at: number): number => from + text.slice(0, at).split('\n').length;
  for (const found of text.matchAll(
    /"([^"]{1,200})"|^ {5}((?:DMAR|INTR-REMAP)\S.*)$|\bONE line: (.*)$|^F7.*?(DMAR.*)$/gm,
  )) {
    const said = (found[1] ?? found[2] ?? found[3] ?? found[4]) as string;
    // Shorter ones are single characters, and names of fields.
    if (said.length > 5) shapes.push({ line: lineAt(found.index), text: said.replace(/\n +/g, ' ') });
  }
  return shapes;
}

function example(text: string): string {
  return EXAMPLES.reduce((so, [pattern, value]) => so.replace(pattern, value), text);
}

/** What the reader takes a line for. */
function reading(text: string): string {
  const { faults, events, notes, kernels } = diagnoseText(`[    1.000000] ${text}`, { file: 'log' });
  const [kernel] = kernels;
  if (kernel === undefined) return notes.length > 0 ? 'noted' : 'no kernel';
  const { inventory, dmaTables, interruptTables, phases } = kernel;
  const said = [
    ...faults.first.map(
      ({ shape, kind, reason }) => `fault ${shape} ${kind}${reason === undefined ? '' : ` ${reason}`}`,
    ),
    ...events.map((event) => event.kind),
    ...inventory.units.map(() => 'unit'),
    ...inventory.reservedRegions.map(() => 'reserved region'),
    ...inventory.ioApics.map(() => 'I/O APIC'),
    ...inventory.lines.map(() => `inventory of ${inventory.architecture ?? 'any'}`),
    ...phases.slice(1).map(({ phase }) => `begins ${phase}`),
    ...(dmaTables === 'unknown' ? [] : [`tables ${dmaTables}`]),
    ...(interruptTables === 'unknown' ? [] : [`interrupt table ${interruptTables}`]),
    ...notes.map(() => 'noted'),
  ];
  return said.join(', ') || 'words only';
}

describe.skipIf(!present)(
  `shapes of the description of logs${present ? '' : ': it is not beside the repository'}`,
  () => {
    it('are read as what they are, each of them', () => {
      const read = quotedShapes().map(({ line, text }) => ({
        shape: `${line} ${text}`,
        as: reading(example(text)),
      }));
      expect(
        read.map(({ as }, index) => `${index} ${as}`),
        JSON.stringify(read, null, 1),
      ).toEqual(key.readings.map((as, index) => `${index} ${as}`));
    });

    it('and so are its stamps', () => {
      const line = readFileSync(path, 'utf8')
        .split('\n')
        .find((one) => one.startsWith('time stamps: '));
      const stamps = [...(line ?? '').matchAll(/"([^"]+)"/g)].map((found) =>
        (found[1] as string).replace('[..]', '[    1.503892] '),
      );
      expect(stamps.length).toBeGreaterThan(4);
      const fault =
        'DMAR: [DMA Read] Request device [04:00.0] fault addr ca6d5000 [fault reason 06] PTE Read access is not set';
      for (const stamp of stamps) expect(reading(`${stamp}${fault}`), stamp).toMatch(/^fault F5 dma 6\b/);
    });
  },
);
