import type { Machine, MachineFunction } from '@quiesce/machine';
import pc from 'picocolors';
import { countOf, shortBytes } from './quantity.ts';
import { wrapText } from './wrap-text.ts';

/** A machine in full: its functions, units and memory, what was inferred, and what the import could not use. */
export function machineReport(machine: Machine, width: number): string {
  const { functions, units, memoryMap, inferred, notes } = machine;
  const parts = [
    `${pc.bold(machine.name)}\n${wrapText(machine.description, width, '  ')}`,
    `  dump to ${machine.dumpTarget ?? 'nothing'}\n`,
    heading(countOf(functions.length, 'function')),
    ...functions.map((one) => fitted(`  ${one.name}  ${functionLine(one)}`, width)),
  ];
  parts.push(heading(countOf(units.length, 'remapping unit')));
  for (const unit of units) {
    const place = `${hex(unit.registerBase)}, segment ${unit.segment}`;
    parts.push(
      fitted(`  ${unit.name}  ${place}, cap ${unit.capability}, ecap ${unit.extendedCapability}`, width),
    );
  }
  parts.push(heading(countOf(memoryMap.length, 'region of memory', 'regions of memory')));
  for (const { start, end, owner, label } of memoryMap) {
    const range = `${hex(start)}-${hex(end - 1)}`;
    parts.push(fitted(`  ${range}  ${owner}, ${shortBytes(end - start)}  ${label}`, width));
  }
  if (inferred.length > 0) parts.push(heading(`${countOf(inferred.length, 'value')} inferred`));
  for (const [reason, values] of byReason(inferred)) {
    parts.push(wrapText(`${reason}:`, width, '  '), ...values.map((one) => fitted(`    ${one}`, width)));
  }
  if (notes.length > 0)
    parts.push(heading(countOf(notes.length, 'note from the import', 'notes from the import')));
  for (const note of notes) {
    const place = [
      note.file,
      ...(note.line === undefined ? [] : [`line ${note.line}`]),
      ...(note.offset === undefined ? [] : [`offset ${hex(note.offset)}`]),
    ];
    parts.push(wrapText(`${place.join(', ')}: ${note.message}`, width, '  '));
  }
  return parts.join('');
}

function functionLine(one: MachineFunction): string {
  const { first, second, firmware } = one.driver;
  const drivers =
    first && second
      ? 'driven'
      : first
        ? 'driven by the first kernel'
        : second
          ? 'driven by the second kernel'
          : firmware === true
            ? 'run by firmware'
            : 'no driver';
  return `${one.endpoint.kind.padEnd(13)}  ${drivers.padEnd(26)}  ${one.label ?? ''}`;
}

function byReason(inferred: Machine['inferred']): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  for (const { path, value, reason } of inferred) {
    const values = reasons.get(reason) ?? [];
    values.push(`${path} = ${value}`);
    reasons.set(reason, values);
  }
  return reasons;
}

function heading(text: string): string {
  return `\n${pc.bold(text)}\n`;
}

/** One line of at most `width` characters; control characters of a label do not reach the terminal. */
function fitted(line: string, width: number): string {
  const plain = line.replace(/\p{Cc}/gu, ' ').trimEnd();
  return `${plain.length > width ? `${plain.slice(0, width - 1)}…` : plain}\n`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
