import type { RandomStream } from '@quiesce/simulation';

/** A change of lines of text, in place. */
export type LineMutation = (lines: string[], random: RandomStream) => void;

const some = (lines: readonly string[], random: RandomStream): number =>
  lines.length === 0 ? 0 : random.nextInteger(0, lines.length - 1);

const foreign = [
  'pcilib: sysfs_read_vpd: read failed: No such device',
  '\u001b[31mERROR\u001b[0m',
  '-- \nMailing list footer',
  '+	pr_err("DMAR: [DMA %s] Request device [%02x:%02x.%d] fault addr %llx\\n",',
  '0: 00 00 00',
  '\u202Egnirts',
  '*** /proc/iomem',
  '____________________________________________',
];

const dropLines: LineMutation = (lines, random) => {
  lines.splice(some(lines, random), random.nextInteger(1, 12));
};

const repeatLines: LineMutation = (lines, random) => {
  const start = some(lines, random);
  const block = lines.slice(start, start + random.nextInteger(1, 20));
  const times = random.nextBoolean(0.05) ? 60 : random.nextInteger(1, 3);
  for (let i = 0; i < times; i++) lines.splice(start, 0, ...block);
};

const moveLines: LineMutation = (lines, random) => {
  const block = lines.splice(some(lines, random), random.nextInteger(1, 8));
  lines.splice(some(lines, random), 0, ...block);
};

const cutLine: LineMutation = (lines, random) => {
  const at = some(lines, random);
  const line = lines[at] ?? '';
  lines[at] = line.slice(0, random.nextInteger(0, line.length));
};

const spliceInto: LineMutation = (lines, random) => {
  const at = some(lines, random);
  const line = lines[at] ?? '';
  const cut = random.nextInteger(0, line.length);
  const text = random.nextBoolean(0.5)
    ? (lines[some(lines, random)] ?? '')
    : (foreign[random.nextInteger(0, foreign.length - 1)] as string);
  lines[at] = line.slice(0, cut) + text + (random.nextBoolean(0.5) ? '\n' : '') + line.slice(cut);
};

/** As mail programs do it, from here on. */
const wrapLines: LineMutation = (lines, random) => {
  const start = some(lines, random);
  const width = random.nextInteger(60, 78);
  const end = Math.min(lines.length, start + random.nextInteger(1, 60));
  for (let at = start; at < end; at++) {
    const line = lines[at] as string;
    const blank = line.length > width ? line.lastIndexOf(' ', width) : -1;
    if (blank > 0) lines[at] = `${line.slice(0, blank)}\n${line.slice(blank + 1)}`;
  }
};

const quoteLines: LineMutation = (lines, random) => {
  const start = some(lines, random);
  const mark = ['> ', '>> ', '| ', '    ', '\t'][random.nextInteger(0, 4)] as string;
  const end = Math.min(lines.length, start + random.nextInteger(1, 200));
  for (let at = start; at < end; at++) lines[at] = mark + lines[at];
};

/** Digits are others, so that the line still looks like one of its kind. */
const changeDigits: LineMutation = (lines, random) => {
  const at = some(lines, random);
  lines[at] = (lines[at] ?? '').replace(/[0-9a-f]/g, (digit) =>
    random.nextBoolean(0.15) ? random.nextInteger(0, 15).toString(16) : digit,
  );
};

const lineMutations: readonly LineMutation[] = [
  dropLines,
  repeatLines,
  moveLines,
  cutLine,
  spliceInto,
  wrapLines,
  quoteLines,
  changeDigits,
];

/** One of the ways in which text comes to harm on its way. */
export function mutateLines(text: string, random: RandomStream): string {
  const lines = text.split('\n');
  (lineMutations[random.nextInteger(0, lineMutations.length - 1)] as LineMutation)(lines, random);
  return lines.join('\n');
}
