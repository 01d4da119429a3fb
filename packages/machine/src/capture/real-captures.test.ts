import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { assembleMachine } from '../assemble/assemble-machine.ts';
import type { Machine } from '../description/machine.ts';
import { parseMachine } from '../description/parse-machine.ts';
import { capturedFolders, haveShared } from '../testing/captures.ts';
import type { RemappingPlatform } from './host-facts.ts';
import { importCapture } from './import-capture.ts';

interface Expected {
  /** Headings of lspci, each address once (`grep -oE | sort -u`). */
  readonly functions: number;
  /** Units of the DMAR table, or else `DRHD base` lines of the boot log. */
  readonly units: number;
  readonly platform: RemappingPlatform;
  readonly release?: string;
  /** Contradictions, found by comparing the files by eye. */
  readonly conflicts?: readonly string[];
}

const expected: Readonly<Record<string, Expected>> = {
  'acer-g43t-am3': { functions: 25, units: 0, platform: 'none', release: '5.15.36-yocto-standard' },
  'alienware-m11x': { functions: 23, units: 0, platform: 'none', release: '3.16.0-4-amd64' },
  'asus-p61-s3-b3': { functions: 17, units: 0, platform: 'unknown' },
  'asus-z890-sriov': { functions: 36, units: 2, platform: 'intel-vt-d', release: '6.12.3-061203-generic' },
  'dell-latitude-e6430': { functions: 22, units: 2, platform: 'intel-vt-d' },
  'dell-precision-5820-vmd': {
    functions: 128,
    units: 0,
    platform: 'none',
    release: '6.8.0-48-generic',
    // The kernel shows the hidden P2SB while it boots, and hides it again.
    conflicts: ['has 0000:00:1f.1'],
  },
  'huananzhi-x99-bd4': { functions: 87, units: 2, platform: 'intel-vt-d' },
  'huananzhi-x99-qd4': { functions: 87, units: 2, platform: 'intel-vt-d', release: '6.4.7-1-cachyos-lto' },
  'intel-dh77df': { functions: 14, units: 0, platform: 'none' },
  'msi-ms7721-amd-fm2': { functions: 24, units: 0, platform: 'amd-vi', release: '4.4.5-1-ARCH' },
  'supermicro-7048gr': { functions: 197, units: 2, platform: 'intel-vt-d', release: '5.0.0-36-generic' },
  'thinkpad-t400': { functions: 27, units: 0, platform: 'none', release: '3.13.0-39-lowlatency' },
};

describe.skipIf(!haveShared)('files of real machines (../shared/real-captures)', () => {
  const folders = capturedFolders();

  it('are all known here', () => {
    expect(folders.map((one) => one.name)).toEqual(Object.keys(expected));
  });

  describe.each(folders)('$name', ({ name, files }) => {
    const imported = importCapture(files, { name });
    const { machine, host, sources, conflicts } = imported;
    const known = expected[name] as Expected;

    it('has every function and unit, and the platform', () => {
      expect(machine?.functions.length).toBe(known.functions);
      if (known.platform !== 'amd-vi') expect(machine?.units.length).toBe(known.units);
      expect(host.platform.value).toBe(known.platform);
      expect(host.kernelRelease?.value).toBe(known.release);
      if (known.platform !== 'unknown') expect(files.map(({ path }) => path)).toContain(host.platform.file);
    });

    it('lists every file as a source, none of them unknown', () => {
      expect([...new Set(sources.map(({ file }) => file))].sort()).toEqual(files.map(({ path }) => path));
      expect(sources.filter(({ kind, gave }) => kind === 'unknown' || gave === '')).toEqual([]);
    });

    it('has the conflicts that it has', () => {
      expect(conflicts.map(({ said }) => said[0]?.value)).toEqual(known.conflicts ?? []);
    });

    it('satisfies the schema and can be assembled', () => {
      expect(parseMachine(JSON.stringify(machine))).toEqual(machine);
      const assembled = assembleMachine(machine as Machine, {
        calendar: new EventCalendar(),
        observer: new SilentObserver(),
      });
      expect(assembled.hierarchy.functions).toHaveLength(known.functions);
    });
  });

  it('takes what the listing of supermicro-7048gr lacks from its boot log', () => {
    const { files } = folders.find((one) => one.name === 'supermicro-7048gr') as (typeof folders)[number];
    const { machine, host } = importCapture(files, { name: 'supermicro' });
    // `pci 0000:00:02.0: PCI bridge to [bus 02]`
    const port = machine?.functions.find((one) => one.name === '0000:00:02.0');
    expect(port?.config.slice(2 * 0x19, 2 * 0x1b)).toBe('0202');
    expect(machine?.rootComplexes.map((one) => one.firstBus)).toEqual([0x00, 0x7f, 0x80, 0xff]);
    expect(host.iommuGroups).toEqual({});
    expect(machine?.inferred.some((one) => /words/.test(one.reason))).toBe(true);
  });
});
