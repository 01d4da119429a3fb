import { type CommandLineFinding, finding, Rule } from './command-line-finding.ts';
import type { CrashParameter, CrashParameters } from './crash-parameters.ts';
import { editDistance } from './edit-distance.ts';
import known from './known-parameters.json' with { type: 'json' };

const names: ReadonlySet<string> = new Set(
  [...known.kernel, ...known.userSpace].map((name) => name.replaceAll('-', '_')),
);
const MOST = 20;
/** No line that somebody wrote has more parameters; a hostile one is not compared with all that is known. */
const MOST_COMPARED = 200;

/**
 * Parameters that nobody is known to read. The kernel says nothing of most of them: what it does not know it hands to init.
 * Names with a dot are of modules, of dracut or of systemd, and are left alone unless they are near to a known one.
 */
export function unknownRules(line: CrashParameters): CommandLineFinding[] {
  const findings: CommandLineFinding[] = [];
  let compared = 0;
  for (const one of line.all) {
    if (findings.length >= MOST || compared >= MOST_COMPARED) break;
    if (one.name === '' || names.has(one.name) || isPrefixed(one.name)) continue;
    compared++;
    const meant = nearest(one.name);
    if (meant !== undefined) findings.push(misspelt(one, meant));
    else if (!one.name.includes('.')) findings.push(unknown(one));
  }
  return findings;
}

function isPrefixed(name: string): boolean {
  return known.prefixes.some((prefix) => name.startsWith(prefix.replaceAll('-', '_')));
}

function nearest(name: string): string | undefined {
  if (name.length < 4 || name.length > 40) return undefined;
  const most = name.length < 7 ? 1 : 2;
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of names) {
    const distance = editDistance(name, candidate, least - 1);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function misspelt({ written, name }: CrashParameter, meant: string): CommandLineFinding {
  const shown =
    known.kernel.concat(known.userSpace).find((one) => one.replaceAll('-', '_') === meant) ?? meant;
  const serious = known.essential.includes(meant);
  const text = `${name.slice(0, 40)} is no parameter that is known here; ${shown} is. The kernel does not complain of what it does not know.`;
  return finding(
    serious ? 'critical' : 'warning',
    written.slice(0, 80),
    `Misspelt? ${shown} may be meant`,
    text,
    [Rule.parameters, shown],
  );
}

function unknown({ written }: CrashParameter): CommandLineFinding {
  const text = 'The kernel hands what it does not know to init: if nothing there reads it, it has no effect.';
  return finding('note', written.slice(0, 80), 'Not known here', text, ['init/main.c', 'unknown_bootoption']);
}
