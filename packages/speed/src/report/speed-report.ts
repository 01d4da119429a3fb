import type { RaceResult, Result, SideResult, Verdict } from './result.ts';

/** The results as lines for a person, at most 100 columns. */
export function speedReport(results: readonly Result[]): string {
  return results.map((result) => section(result).join('\n')).join('\n\n');
}

function section(result: Result): string[] {
  const head = `${result.id}  ${result.title}`;
  if (result.kind === 'skipped') return [head, `   skipped: ${result.reason}`];
  const work = wrap(result.work, 94).map((line) => `   ${line}`);
  if (result.kind === 'race') return [head, ...work, ...raceLines(result)];
  const figure = `${number(result.figure)} ${result.unit}`;
  return [head, ...work, `   ${figure}, wanted at most ${number(result.atMost)}: ${word(result.verdict)}`];
}

function raceLines(race: RaceResult): string[] {
  const width = Math.max(race.own.name.length, ...race.rivals.map((side) => side.name.length));
  const row = (name: string, rate: string, rest: string): string =>
    `   ${name.padEnd(width)}  ${rate.padStart(9)}  ${rest}`.trimEnd();
  const lines = [row(race.own.name, perSecond(race.own.perSecond), `${race.unit} a second`)];
  for (const side of race.rivals) {
    if (side.perSecond === undefined) lines.push(row(side.name, 'skipped', side.reason ?? ''));
    else lines.push(row(side.name, perSecond(side.perSecond), standing(side)));
  }
  if (race.disagreement !== undefined) lines.push(`   not the same work: ${race.disagreement}`);
  return lines;
}

function standing(side: SideResult): string {
  const ratio = (side.ratio as number).toFixed(2);
  return `we are ${ratio} times as fast, wanted at least ${side.atLeast}: ${word(side.verdict)}`;
}

function word(verdict: Verdict): string {
  return verdict === 'met' ? 'met' : verdict.toUpperCase();
}

function perSecond(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)} M`;
  if (rate >= 1e3) return `${(rate / 1e3).toFixed(1)} k`;
  return rate.toFixed(1);
}

function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + part.length <= width)
      lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(part);
  }
  return lines;
}
