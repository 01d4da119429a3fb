import { hookNames } from '@quiesce/strategy';
import { expect, it } from 'vitest';
import { stopFor } from './hook-stops.ts';

it('every hook but those of faults and errors has a stop', () => {
  const without = hookNames.filter((hook) => stopFor(hook) === undefined);
  expect(without).toEqual(['iommuFault', 'aerError']);
  expect(stopFor('initcall:fs_sync')).toEqual({
    symbol: '__initcallrootfs_start',
    is: 'initcall-table',
    phase: 'fs_sync_initcalls',
  });
});
