import { type LabPhase, labPhases, type RunAccount, type UnitPhase } from '../account/account.ts';
import { type CellKind, type ComparedCell, cellOf } from './compared-cell.ts';

type UnitPhases = Readonly<Partial<Record<LabPhase, UnitPhase>>>;

/** What stood in each unit's registers and tables when each phase began. Addresses differ; whether they moved does not. */
export function unitCells(predictions: readonly RunAccount[], observed: RunAccount): ComparedCell[] {
  const cells: ComparedCell[] = [];
  for (const [unit, seen] of Object.entries(observed.units)) {
    const told = predictions.map(({ units }) => units[unit] ?? {});
    for (const phase of labPhases) {
      if (seen[phase] === undefined) continue;
      for (const kind of registerKinds) {
        cells.push(
          cellOf(
            { kind, subject: unit, phase },
            told.map((one) => registerText(kind, one, phase)),
            registerText(kind, seen, phase),
          ),
        );
      }
      cells.push(...contextCells(told, seen, phase));
    }
  }
  return cells;
}

const registerKinds = ['translation', 'interrupt-remapping', 'root-table', 'interrupt-table'] as const;

function registerText(kind: CellKind, phases: UnitPhases, phase: LabPhase): string | undefined {
  const now = phases[phase];
  if (now === undefined) return undefined;
  if (kind === 'translation') return now.translation ? 'on' : 'off';
  if (kind === 'interrupt-remapping') return now.interruptRemapping ? 'on' : 'off';
  const first = phases.crash;
  if (first === undefined) return undefined;
  if (kind === 'root-table') {
    const mode = modeText(now.rootTable);
    return `${now.rootTable === first.rootTable ? 'kept' : 'moved'}, ${mode}`;
  }
  return now.interruptTable === first.interruptTable ? 'kept' : 'moved';
}

/** RTADDR bits 11:10 (VT-d 10.4.6). */
function modeText(rootTable: number): string {
  return ['legacy', 'scalable', 'reserved mode', 'abort'][Math.floor(rootTable / 0x400) % 4] as string;
}

function contextCells(told: readonly UnitPhases[], seen: UnitPhases, phase: LabPhase): ComparedCell[] {
  const names = Object.keys(seen[phase]?.contexts ?? {}).sort();
  return names.map((name) =>
    cellOf(
      { kind: 'context', subject: name, phase },
      told.map((one) => contextText(one, name, phase)),
      contextText(seen, name, phase),
    ),
  );
}

function contextText(phases: UnitPhases, name: string, phase: LabPhase): string | undefined {
  const now = phases[phase]?.contexts[name];
  const first = phases.crash?.contexts[name];
  if (now === undefined || first === undefined) return undefined;
  if (now === null) return 'none';
  if (first === null) return 'new';
  return now.table === first.table ? 'kept' : 'replaced';
}
