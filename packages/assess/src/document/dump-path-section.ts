import type { Finding } from '@quiesce/report';
import type { DumpPath } from '../dump-path/resolve-dump-path.ts';
import type { AssessedFunction, Assessment } from '../result/assessment.ts';

/** Where the dump goes and through what, in a few words; for the facts at the head of a report. */
export function dumpTargetFact({ machine, functions }: Assessment): string {
  const { dumpPath, dumpTarget } = machine;
  if (dumpTarget === null) return 'not known';
  const others = dumpPath === null ? 0 : dumpPath.functions.length - 1;
  const what = functions.find(({ name }) => name === dumpTarget)?.className;
  const through = `${dumpTarget}${what === undefined ? '' : ` (${what})`}${others > 0 ? ` and ${others} more` : ''}`;
  if (dumpPath === null) return through;
  if (dumpPath.certainty === 'unknown') return `${through}, the first disk controller`;
  const to = dumpPath.destination === null ? '' : `${dumpPath.destination.slice(0, 120)}, through `;
  return `${to}${through}${dumpPath.certainty === 'assumed' ? ', in part assumed' : ''}`;
}

/** How kdump's destination leads to functions, step by step; undefined where nothing says anything of it. */
export function dumpPathFinding({ machine, functions }: Assessment): Finding | undefined {
  const { dumpPath } = machine;
  if (dumpPath === null || dumpPath.steps.length + dumpPath.assumed.length === 0) return undefined;
  const through = dumpPath.functions.slice(0, 8).map((name) => {
    const one = functions.find((other) => other.name === name);
    return one === undefined ? name : `${name} (${[one.className, one.driver].filter(Boolean).join(', ')})`;
  });
  const more = dumpPath.functions.length - through.length;
  const target = functions.find(({ name }) => name === machine.dumpTarget);
  const where =
    dumpPath.destination === null ? 'The dump' : `The dump to ${dumpPath.destination.slice(0, 200)}`;
  return {
    severity: dumpPath.certainty === 'followed' ? 'note' : 'warning',
    title:
      through.length === 0
        ? `${where} goes where the capture does not tell`
        : `${where} goes through ${through.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    text: textOf(dumpPath, target),
    evidence: dumpPath.steps,
  };
}

function textOf({ certainty, assumed, layers }: DumpPath, target: AssessedFunction | undefined): string {
  const between = layers.length === 0 ? [] : [`In between: ${layers.join(', ')}.`];
  const taken = assumed.map((one) => `${one.charAt(0).toUpperCase()}${one.slice(1)}.`);
  if (certainty === 'unknown') {
    taken.push(
      'The first disk controller stands for it; what `quiesce capture` takes leads to the right one.',
    );
  } else if (target?.simulated === false) {
    taken.push(
      `The model has no engine for ${target.name}: its driver counts as working once it is enabled.`,
    );
  }
  return [...between, ...taken].join(' ');
}
