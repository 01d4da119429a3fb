import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endpointOf, importMachine, preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { functionFindings } from './function-findings.ts';

const q35 = functionFindings(preset('q35-lab'));
const at = (name: string): (typeof q35)[number] => {
  const found = q35.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe('what a function would do', () => {
  it('knows every function of every preset, powered off or not', () => {
    for (const name of ['server-2012', 'sriov-2020', 'epyc-2025', 'arm-server-2026', 'three-roots']) {
      const machine = preset(name);
      const findings = functionFindings(machine);
      expect(findings.map((one) => one.name)).toEqual(machine.functions.map((one) => one.name));
      for (const one of findings) {
        for (const { evidence, text } of one.statements) {
          expect(text).not.toBe('');
          expect(evidence.length).toBeGreaterThan(0);
        }
      }
    }
  });

  it('says which unit has it, and how the table says so', () => {
    expect(at('0000:01:00.0').coverage).toMatchObject({ unit: 'dmar0', by: 'bridge-scope' });
    expect(at('0000:01:00.0').coverage.evidence[0]?.source).toMatch(/^DMAR \+0x/);
  });

  it('says behind which ports it stands, and what their reset takes with it', () => {
    const below = q35.find(({ path }) => path.length >= 3);
    expect(below?.path.length).toBeGreaterThanOrEqual(3);
    const hot = below?.resets.find(({ kind }) => kind === 'hot-reset');
    expect(hot?.via).toBe(below?.path.at(-1));
  });

  it('finds no reset from outside for what is integrated', () => {
    const integrated = q35.filter(({ path, isBridge }) => path.length === 0 && !isBridge);
    expect(integrated.length).toBeGreaterThan(0);
    for (const one of integrated) expect(one.resets.filter(({ kind }) => kind === 'hot-reset')).toEqual([]);
  });

  it('says of USB controllers that the kernel halts them by itself, and of which it has no engine', () => {
    const machine = preset('q35-lab');
    const usb = (interfaceCode: string, kind: 'uhci' | 'ehci' | 'idle') =>
      functionFindings({
        ...machine,
        functions: machine.functions.map((one) =>
          one.name === '0000:00:1d.0'
            ? {
                ...one,
                config: `${one.config.slice(0, 18)}${interfaceCode}${one.config.slice(20)}`,
                endpoint: endpointOf(kind),
              }
            : one,
        ),
      }).find(({ name }) => name === '0000:00:1d.0');
    const mastering = (one: ReturnType<typeof usb>) =>
      one?.statements.find(({ topic }) => topic === 'bus-master');
    for (const found of [usb('00', 'uhci'), usb('20', 'ehci')]) {
      expect(found).toMatchObject({ handedOff: true, simulated: true });
      expect(mastering(found)?.text).toMatch(/until the crash kernel's USB hand-off, .* stops it\.$/);
      expect(mastering(found)?.evidence.at(-1)?.source).toContain('pci-quirks.c');
      expect(found?.statements.find(({ topic }) => topic === 'reset')?.text).toContain(
        'USB hand-off, or its own',
      );
    }
    expect(usb('10', 'idle')).toMatchObject({ className: 'OHCI', handedOff: true, simulated: false });
    expect(mastering(usb('10', 'idle'))?.text).toContain('The model has no engine of its kind');
    expect(usb('40', 'idle')).toMatchObject({ className: 'USB4', handedOff: false });
    expect(at('0000:01:00.0').handedOff).toBe(false);
  });

  it('says under which other number a device is known to send', () => {
    const machine = preset('q35-lab');
    const marvell = machine.functions.map((one) =>
      one.name === '0000:05:00.0' ? { ...one, config: `4b1b3092${one.config.slice(8)}` } : one,
    );
    const found = functionFindings({ ...machine, functions: marvell }).find(
      ({ name }) => name === '0000:05:00.0',
    );
    expect(found?.requesterIds).toEqual(['05:00.0', '05:00.1']);
    expect(found?.statements.find(({ topic }) => topic === 'alias')?.text).toContain('also sends as 05:00.1');
  });

  it('takes virtual functions for the collateral of a function level reset', () => {
    const findings = functionFindings(preset('sriov-2020'));
    const physical = findings.find(({ resets }) =>
      resets.some(({ collateral }) => collateral.some(({ what }) => what === 'virtual function')),
    );
    expect(physical).toBeDefined();
  });

  it('tells bytes from words, and both from nothing', () => {
    const machine = preset('q35-lab');
    const index = machine.functions.findIndex(({ name }) => name === '0000:01:00.0');
    const path = `/functions/${index}/config`;
    const [rebuilt] = functionFindings({
      ...machine,
      inferred: [{ path, value: '0x0..0x3f', reason: 'rebuilt from words, as far as they go' }],
    }).filter(({ name }) => name === '0000:01:00.0');
    expect(rebuilt?.statements[0]?.evidence[0]?.text).toContain('rebuilt from words');
    const [unknown] = functionFindings({
      ...machine,
      inferred: [{ path, value: '0x4..0x5 = 00', reason: 'the capture lacks these bytes' }],
    }).filter(({ name }) => name === '0000:01:00.0');
    expect(unknown?.masters).toBe(true);
    expect(unknown?.statements[0]?.text).toContain('is taken to master');
  });
});

// The captures do not come with the repository.
const folder = fileURLToPath(new URL('../../../../../shared/real-captures/machines', import.meta.url));
const captured = (name: string, acpi: boolean): ReturnType<typeof functionFindings> => {
  const file = name === 'dell-precision-5820-vmd' ? 'lspci-nnDvvvxxxx.txt' : 'lspci-nnvvvxxxx.txt';
  const lspci = readFileSync(`${folder}/${name}/${file}`);
  const tables = acpi ? { acpi: readFileSync(`${folder}/${name}/acpidump.txt`) } : {};
  return functionFindings(importMachine({ lspci, ...tables }, { name }));
};

describe.skipIf(!existsSync(folder))('on captures of real machines', () => {
  it('names unit, reserved memory and reset of the functions of a notebook', () => {
    const findings = captured('dell-latitude-e6430', true);
    const graphics = findings.find(({ name }) => name === '0000:00:02.0');
    expect(graphics).toMatchObject({ masters: true, role: 'boot display', interrupt: 'msi' });
    expect(graphics?.coverage).toMatchObject({ unit: 'dmar0', by: 'endpoint-scope' });
    expect(graphics?.coverage.evidence[0]?.source).toBe('DMAR +0x40');
    const usb = findings.find(({ name }) => name === '0000:00:14.0');
    expect(usb).toMatchObject({ role: 'used by firmware', resets: [] });
    expect(usb?.statements.find(({ topic }) => topic === 'rmrr')?.text).toContain('0xcbccd000-0xcbcecfff');
    expect(findings.find(({ name }) => name === '0000:01:00.1')?.poweredOff).toBe(true);
  });

  it('sends a domain of a Volume Management Device through that device', () => {
    const drive = captured('dell-precision-5820-vmd', false).find(({ name }) => name === '10000:01:00.0');
    expect(drive).toMatchObject({ className: 'NVMe', requesterIds: ['01:00.0', 'b2:05.5'] });
  });

  it('names displays behind a switch that a reset of its sound would take', () => {
    const sound = captured('huananzhi-x99-bd4', true).find(({ name }) => name === '0000:05:00.1');
    expect(sound?.path).toEqual(['0000:00:02.0', '0000:03:00.0', '0000:04:00.0']);
    expect(sound?.statements.find(({ topic }) => topic === 'reset')?.text).toContain(
      '0000:05:00.0 (display)',
    );
  });
});
