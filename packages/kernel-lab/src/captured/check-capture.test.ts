import { Placeholders, redactConfigSpace } from '@quiesce/capture';
import { bytesToHex, type CaptureBundle, hexToBytes, parseFunctionName } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { labTopology } from '../topologies/lab-topologies.ts';
import type { GuestCapture } from './capture-guest.ts';
import { checkCapture } from './check-capture.ts';

const machine = labTopology('q35-root-complex');
const folder = 'sys/bus/pci/devices';
const functions = [...machine.functions].sort((a, b) => (a.name < b.name ? -1 : 1));
const bytesOf = (hex: string) => hexToBytes(hex) as Uint8Array;

type Files = CaptureBundle['files'][number][];

/** What the script would take of the machine. */
function bundle(privileged: boolean, change: (files: Files) => Files = (files) => files): string {
  const placeholders = new Placeholders();
  const files: Files = functions.flatMap(({ name, config, barSizes, driver }) => {
    const whole = redactConfigSpace(bytesOf(config), placeholders);
    const resource = barSizes.map((size) =>
      size === 0 ? '0x0 0x0 0x0' : `0x1000 0x${(0xfff + size).toString(16)} 0x200`,
    );
    return [
      { path: `${folder}/${name}/config`, hex: bytesToHex(privileged ? whole : whole.slice(0, 64)) },
      { path: `${folder}/${name}/resource`, text: resource.join('\n') },
      ...(driver.first ? [{ path: `${folder}/${name}/driver`, link: '../../../bus/pci/drivers/some' }] : []),
      { path: `${folder}/${name}/iommu_group`, link: '../../../kernel/iommu_groups/3' },
      { path: `${folder}/${name}/iommu`, link: '../../virtual/iommu/dmar0' },
    ];
  });
  const [unit] = machine.units;
  const attributes = {
    address: 'fed90000',
    cap: unit?.capability,
    ecap: unit?.extendedCapability,
    version: '1:0',
  };
  for (const [name, text] of Object.entries(attributes)) {
    files.push({ path: `sys/class/iommu/dmar0/intel-iommu/${name}`, text: `${text}\n` });
  }
  const tables = [{ path: 'sys/firmware/acpi/tables/DMAR', hex: machine.dmar as string }];
  const unread = [
    ...functions.map(({ name }) => `${folder}/${name}/config`),
    tables[0]?.path as string,
    'proc/iomem',
  ];
  const text: CaptureBundle = {
    schema: 'quiesce/capture/1',
    tool: 'test',
    taken: '2026-01-01T00:00:00Z',
    privileged,
    redacted: [],
    files: change(privileged ? [...files, ...tables] : files),
    unread: privileged ? [] : unread.map((path) => ({ path, reason: 'permission denied: run as root' })),
  };
  return JSON.stringify(text);
}

function captured(given: Partial<GuestCapture> = {}): GuestCapture {
  return {
    root: bundle(true),
    user: bundle(false),
    kernelFunctions: functions.map(({ name, driver }) => ({
      name,
      driver: driver.first ? 'some' : undefined,
      group: 3,
    })),
    hardware: {
      functions: functions.map(({ name, config, barSizes }) => ({
        ...(parseFunctionName(name) as NonNullable<ReturnType<typeof parseFunctionName>>),
        config: bytesOf(config),
        barSizes,
      })),
      tables: new Map([['DMAR', bytesOf(machine.dmar as string)]]),
      units: machine.units,
    },
    ...given,
  };
}

const found = (given?: Partial<GuestCapture>) =>
  checkCapture(captured(given), undefined, '6.1.192').map(({ differences }) =>
    differences.map(({ at }) => at),
  );

describe('captures of a guest', () => {
  it('are the guest', () => {
    expect(found()).toEqual([[], []]);
    const [root, user] = checkCapture(captured(), machine, '6.1.192');
    // Neither a table MCFG nor /proc/iomem is in this one.
    expect(root?.differences.map(({ at }) => at)).toEqual(['root complexes']);
    expect(user?.differences).toEqual([]);
  });

  it('that have other bytes, drivers, groups, sizes or tables are told', () => {
    const [first] = functions;
    const root = bundle(true, (files) =>
      files.map((one) => {
        if ('hex' in one && one.path.endsWith(`${first?.name}/config`)) {
          return { ...one, hex: `${one.hex?.slice(0, 16)}42${one.hex?.slice(18)}` };
        }
        if ('hex' in one && one.path.endsWith('DMAR'))
          return { ...one, hex: `${one.hex?.slice(0, 20)}42${one.hex?.slice(22)}` };
        return one;
      }),
    );
    const kernelFunctions = [{ name: '0000:00:1b.0', driver: undefined, group: 4 }];
    expect(found({ root, kernelFunctions })).toEqual([
      [`${first?.name} byte 0x8`, '0000:00:1b.0 driver', '0000:00:1b.0 group', 'DMAR'],
      ['0000:00:1b.0 driver', '0000:00:1b.0 group'],
    ]);
  });

  it('that lack a function, or have one more, are told', () => {
    const gone = bundle(true, (files) => files.filter(({ path }) => !path.includes('0000:00:1b.0')));
    const more = bundle(true, (files) => [
      ...files,
      { path: `${folder}/0000:00:09.0/config`, hex: '8680'.padEnd(128, '0') },
    ]);
    const kernelFunctions: GuestCapture['kernelFunctions'] = [];
    expect(found({ root: gone, kernelFunctions })[0]).toEqual(['0000:00:1b.0']);
    expect(found({ root: more, kernelFunctions })[0]).toEqual(['0000:00:09.0']);
  });

  it('of an ordinary user that do not say what could not be read are told, and those of more than it may see', () => {
    const silent = JSON.stringify({ ...JSON.parse(bundle(false)), unread: [] });
    expect(found({ user: silent })[1]).toHaveLength(functions.length + 2);
    const [, seen] = found({ user: bundle(true) });
    expect(seen).toContain(`${functions[0]?.name} config space`);
    expect(seen).toContain('/dmar');
  });
});
