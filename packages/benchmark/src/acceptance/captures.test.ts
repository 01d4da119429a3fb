import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importMachine, type Machine } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { run, strategies } from './runs.ts';

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));
const present = existsSync(shared);

interface Capture {
  readonly name: string;
  readonly lspci: string;
  readonly acpi?: string;
  readonly iomem?: string;
}

const machines = 'real-captures/machines';
const captures: readonly Capture[] = [
  {
    name: 'dell-latitude-e6430',
    lspci: `${machines}/dell-latitude-e6430/lspci-nnvvvxxxx.txt`,
    acpi: `${machines}/dell-latitude-e6430/acpidump.txt`,
  },
  {
    name: 'huananzhi-x99-bd4',
    lspci: `${machines}/huananzhi-x99-bd4/lspci-nnvvvxxxx.txt`,
    acpi: `${machines}/huananzhi-x99-bd4/acpidump.txt`,
  },
  {
    name: 'dell-precision-5820-vmd',
    lspci: `${machines}/dell-precision-5820-vmd/lspci-nnDvvvxxxx.txt`,
    iomem: `${machines}/dell-precision-5820-vmd/iomem.txt`,
  },
  {
    name: 'ground-truth',
    lspci: 'ground-truth/lspci-nnvvv-xxxx.txt',
    acpi: 'ground-truth/DMAR.bin',
    iomem: 'ground-truth/iomem.txt',
  },
];

function load({ name, lspci, acpi, iomem }: Capture): Machine {
  const bytes = (file: string): Uint8Array => readFileSync(shared + file);
  return importMachine(
    {
      lspci: bytes(lspci),
      ...(acpi === undefined ? {} : { acpi: bytes(acpi) }),
      ...(iomem === undefined ? {} : { iomem: bytes(iomem) }),
    },
    { name, files: { lspci } },
  );
}

/** Functions of a dump: lines that begin with a place. */
function places(capture: Capture): number {
  const text = readFileSync(shared + capture.lspci, 'latin1');
  return text.match(/^([0-9a-f]{4,5}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] /gm)?.length ?? 0;
}

describe.skipIf(!present)('real captures (skipped where ../shared is absent)', () => {
  it.each(captures)('$name: all functions, all strategies, all verdicts', (capture) => {
    const machine = load(capture);
    expect(machine.functions).toHaveLength(places(capture));
    for (const strategy of Object.values(strategies)) {
      const outcome = run(machine, { strategy });
      const endpoints = machine.functions.filter(
        (one) => (Number.parseInt(one.config.slice(28, 30), 16) & 0x7f) !== 1,
      );
      expect(Object.keys(outcome.devices)).toHaveLength(endpoints.length);
      expect(outcome.strategyFailure).toBeNull();
      expect(outcome.stoppedAt).toBeNull();
    }
    for (const { path, reason } of machine.inferred) {
      expect(path).toMatch(/^\//);
      expect(reason).not.toBe('');
    }
  });

  it('the ground truth machine gives what its preset gives', () => {
    const machine = load(captures[3] as Capture);
    const masked: Machine = { ...machine, workload: { ...machine.workload, interrupts: false } };
    const captured = run(masked, { kernel: 'linux-6-no-copy' });
    const preset = run('q35-lab', { kernel: 'linux-6-no-copy' });
    expect(Object.keys(captured.dmaFaults.byRequester)).toEqual(Object.keys(preset.dmaFaults.byRequester));
    for (const requester of Object.keys(preset.dmaFaults.byRequester)) {
      const phases = (outcome: typeof preset) =>
        Object.keys(outcome.dmaFaults.byRequester[requester]?.phases ?? {});
      expect(phases(captured)[0], requester).toBe(phases(preset)[0]);
    }
  });

  it('without a DMAR table nothing is remapped, and the machine says so', () => {
    const machine = load(captures[2] as Capture);
    expect(machine.units).toEqual([]);
    expect(run(machine).dmaFaults.total).toBe(0);
  });
});
