import type { GdbClient } from '@quiesce/qemu-control';
import { expect, it } from 'vitest';
import { StopTable } from './stop-table.ts';

function debugger_(): { gdb: GdbClient; set: string[] } {
  const set: string[] = [];
  const gdb = {
    setBreakpoint: async (address: string) => void set.push(address),
    clearBreakpoint: async (address: string) => void set.splice(set.indexOf(address), 1),
  } as unknown as GdbClient;
  return { gdb, set };
}

it('one breakpoint an address, whatever is done there, in the order in which it was said', async () => {
  const { gdb, set } = debugger_();
  const stops = new StopTable();
  stops.add('a', { kind: 'phase', phase: 'iommu_init' });
  stops.add('b');
  stops.add('a', { kind: 'hook', hook: 'iommuInit' });
  await stops.arm(gdb);
  await stops.arm(gdb);
  expect(set).toEqual(['a', 'b']);
  expect(await stops.take(gdb, 'a')).toEqual([
    { kind: 'phase', phase: 'iommu_init' },
    { kind: 'hook', hook: 'iommuInit' },
  ]);
  expect(await stops.take(gdb, 'b')).toEqual([]);
  expect(await stops.take(gdb, 'c')).toEqual([]);
  expect(set).toEqual([]);
});
