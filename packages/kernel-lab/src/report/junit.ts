import junit, { type Builder, type TestSuite } from 'junit-report-builder';
import type { ComparedCell } from '../comparison/compared-cell.ts';
import { cellSentence } from './cell-sentence.ts';
import type { LabReport } from './lab-report.ts';

// Its declarations are those of an ES module; what Node loads is the builder itself.
const builder = junit as unknown as Builder;

/** XML 1.0 has no way to write most control characters; consoles are full of them. */
const UNWRITABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * Reports as JUnit XML: a suite for each run of a kernel, a test case for each device and phase. What a limit of QEMU
 * explains passes and says so; what was not compared is skipped.
 */
export function labJunit(reports: readonly LabReport[]): string {
  const report = builder.newBuilder();
  for (const one of reports) {
    for (const [index, run] of one.runs.entries()) {
      const suite = report.testSuite().name(suiteName(one, index)).time(run.seconds);
      for (const [kind, file] of Object.entries(run.files)) suite.property(kind, plain(file));
      addCases(suite, plain(`${one.machine}.${one.strategy.name}`), run.cells);
    }
  }
  return `${report.build()}\n`;
}

function addCases(suite: TestSuite, className: string, cells: readonly ComparedCell[]): void {
  const cases = new Map<string, ComparedCell[]>();
  for (const cell of cells) {
    const key = cell.phase === null ? cell.subject : `${cell.subject} in ${cell.phase}`;
    cases.set(key, [...(cases.get(key) ?? []), cell]);
  }
  for (const [name, own] of cases) {
    const test = suite.testCase().className(className).name(plain(name));
    const said = (standing: ComparedCell['standing']): string[] =>
      own.filter((cell) => cell.standing === standing).map((cell) => plain(cellSentence(cell)));
    const wrong = said('disagrees');
    const explained = said('explained');
    if (wrong.length > 0) test.failure(wrong.join('\n'), 'disagrees');
    else if (own.every(({ standing }) => standing === 'not-compared')) test.skipped();
    if (explained.length > 0) test.standardOutput(explained.join('\n'));
  }
}

function suiteName({ machine, strategy, kernelVersion, variant }: LabReport, run: number): string {
  const options = Object.entries(strategy.options).map(([key, value]) => ` ${key}=${String(value)}`);
  return plain(
    [machine, strategy.name + options.join(''), kernelVersion, variant.tables, `run ${run + 1}`].join(', '),
  );
}

function plain(text: string): string {
  return text.replace(UNWRITABLE, '?');
}
