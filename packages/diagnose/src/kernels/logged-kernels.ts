import type { LoggedKernel } from '../diagnosis.ts';
import type { KernelRecord } from './kernel-record.ts';
import { rolesOf } from './kernel-roles.ts';
import { tablesOf } from './kernel-tables.ts';

/** What is known of each kernel when the log has ended after so many lines. */
export function loggedKernels(records: readonly KernelRecord[], lines: number): readonly LoggedKernel[] {
  const roles = rolesOf(records);
  return records.map((record, index): LoggedKernel => {
    const { role, roleReason } = roles[index] as (typeof roles)[number];
    const { inferred, ...tables } = tablesOf(record, role);
    const next = records[index + 1]?.firstLine ?? lines + 1;
    return {
      index,
      role,
      roleReason: inferred === undefined ? roleReason : `${roleReason}; ${inferred}`,
      firstLine: record.firstLine,
      lastLine: Math.max(record.firstLine, next - 1),
      ...(record.release === undefined ? {} : { release: record.release }),
      ...(record.version === undefined ? {} : { version: record.version }),
      ...(record.commandLine === undefined ? {} : { commandLine: record.commandLine }),
      phases: record.phases,
      ...tables,
      inventory: record.inventory.finish(),
    };
  });
}
