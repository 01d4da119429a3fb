import { preset } from '@quiesce/machine';
import { terminalReport } from '@quiesce/report';
import { UserError } from '@quiesce/simulation';
import { expect, it } from 'vitest';
import { noHostFacts, withoutHost } from '../world/simulated-world.ts';
import { assessFleet, type FleetOptions } from './assess-fleet.ts';
import { fleetCsv } from './fleet-csv.ts';
import { fleetDocument } from './fleet-document.ts';

const options: FleetOptions = { seeds: 1 };

it('ranks machines by risk, and a broken capture costs its own row', async () => {
  const told: string[] = [];
  const unprotected = {
    ...withoutHost(preset('arm-server-2026')),
    host: { ...noHostFacts(), crashKernelLoaded: { value: false, file: 'kexec_crash_loaded' } },
  };
  const fleet = await assessFleet(
    [
      { name: 'broken', open: () => Promise.reject(new UserError('ARCHIVE_DAMAGED', 'is cut short')) },
      { name: '=cmd()', open: async () => withoutHost(preset('arm-server-2026')) },
      { name: 'unprotected', open: async () => unprotected },
      { name: 'empty', open: async () => ({ host: noHostFacts(), sources: [], conflicts: [], notes: [] }) },
    ],
    { ...options, onMachine: (name) => told.push(name) },
  );
  expect(told).toEqual(['broken', '=cmd()', 'unprotected', 'empty']);
  expect(fleet.machines.map(({ name }) => name)).toEqual(['unprotected', '=cmd()']);
  expect(fleet.errors.map(({ name, code }) => `${name} ${code}`)).toEqual([
    'broken ARCHIVE_DAMAGED',
    'empty CAPTURE_EMPTY',
  ]);
  const lines = fleetCsv(fleet).trimEnd().split('\r\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toContain('true dumps');
  // A spreadsheet must not run what a machine is called.
  expect(lines[2]?.startsWith("2,'=cmd()")).toBe(true);
  expect(lines[3]).toContain('ARCHIVE_DAMAGED: is cut short');
  expect(terminalReport(fleetDocument(fleet))).toContain('could not be assessed');
});

it('counts advice that is the same but for names of a machine', async () => {
  const fleet = await assessFleet(
    [{ name: 'one', open: async () => withoutHost(preset('arm-server-2026')) }],
    options,
  );
  const [row] = fleet.machines;
  if (row === undefined) throw new Error('nothing was assessed');
  const bring = (driver: string) => ({
    title: `Bring ${driver} along`,
    topic: 'Bring drivers along',
    gain: 'much',
  });
  const machines = [
    { ...row, advice: [bring('igb'), bring('nvme')] },
    { ...row, advice: [bring('tg3')] },
  ];
  const text = terminalReport(fleetDocument({ ...fleet, machines }));
  expect(text).toMatch(/^ +2 {2}Bring drivers along$/m);
  expect(text).toContain('Bring igb along');
});

it('lets a mistake of ours through', async () => {
  const entry = { name: 'x', open: () => Promise.reject(new TypeError('ours')) };
  await expect(assessFleet([entry], options)).rejects.toThrow('ours');
});
