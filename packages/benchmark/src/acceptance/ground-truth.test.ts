import { describe, expect, it } from 'vitest';
import { rootPortReset } from './root-port-reset.ts';
import { faulting, faultPhases, faultReasons, run, strategies } from './runs.ts';

/** What a real kernel did under QEMU on the topology of q35-lab: one test a row of the table. */
const below = ['01:00.0', '04:00.0', '06:00.0', '07:00.0'];
const onRootComplex = ['00:04.0', '00:1b.0'];

describe('q35-lab, as measured on a real kernel', () => {
  it("today's kdump: no fault until drivers attach, then at most a few of running audio; all work; dump saved", () => {
    const outcome = run('q35-lab', { kernel: 'linux-6' });
    for (const [requester, count] of Object.entries(outcome.dmaFaults.byRequester)) {
      expect(Object.keys(count.phases), requester).toEqual(['init']);
      expect(['06:00.0', '07:00.0', '00:1b.0']).toContain(requester);
    }
    expect(outcome.untranslated.total).toBe(0);
    expect(outcome.interruptFaults.total).toBe(0);
    expect(Object.values(outcome.devices)).not.toContain('failed');
    expect(Object.values(outcome.devices)).not.toContain('lost');
    expect(outcome.dump).toBe('saved');
  });

  it('no copy: all running devices fault from pci_iommu_init until their drivers reset them; all work', () => {
    const outcome = run('q35-lab', { kernel: 'linux-6-no-copy' });
    expect(faulting(outcome).sort()).toEqual([...onRootComplex, ...below].sort());
    expect(faultReasons(outcome)).toEqual(['0x05', '0x06']);
    for (const requester of ['06:00.0', '07:00.0', '00:1b.0']) {
      expect(faultPhases(outcome, requester)).toContain('iommu_init');
      expect(faultPhases(outcome, requester)).not.toContain('acpi_init');
    }
    expect(Object.values(outcome.devices)).not.toContain('failed');
    expect(Object.values(outcome.devices)).not.toContain('lost');
  });

  it('no copy: while tables are rebuilt, I/O virtual addresses go out raw', () => {
    const outcome = run('q35-lab', { kernel: 'linux-6-no-copy' });
    expect(outcome.untranslated.total).toBeGreaterThan(0);
    // Just under 4 GiB there is no RAM on this machine.
    expect(outcome.corruption).toEqual([]);
  });

  it('intel_iommu=off: no fault, raw addresses for good, all work, dump saved', () => {
    const outcome = run('q35-lab', { kernel: 'linux-6-iommu-off' });
    expect(outcome.dmaFaults.total).toBe(0);
    expect(outcome.untranslated.total).toBeGreaterThan(0);
    expect(outcome.dump).toBe('saved');
    expect(Object.values(outcome.devices)).not.toContain('failed');
  });

  it.each([true, false])(
    'hot reset of the ports at setup_arch, restored %s: what is below is silent, the rest goes on',
    (restore) => {
      const outcome = run('q35-lab', {
        kernel: 'linux-6-no-copy',
        strategy: rootPortReset('setup_arch', restore),
      });
      expect(faulting(outcome).sort()).toEqual([...onRootComplex].sort());
      expect(Object.values(outcome.devices)).not.toContain('failed');
      expect(Object.values(outcome.devices)).not.toContain('lost');
    },
  );

  it('hot reset right before pci_iommu_init without restore: everything below the ports is lost', () => {
    const outcome = run('q35-lab', {
      kernel: 'linux-6-no-copy',
      strategy: rootPortReset('pci_iommu_init', false),
    });
    expect(faulting(outcome).sort()).toEqual([...onRootComplex].sort());
    for (const device of [...below, '05:00.0']) expect(outcome.devices[device]).toMatch(/lost|failed/);
    for (const device of onRootComplex) expect(outcome.devices[device]).toBe('working');
  });

  it('the same with config space saved and restored: all work', () => {
    const outcome = run('q35-lab', {
      kernel: 'linux-6-no-copy',
      strategy: rootPortReset('pci_iommu_init', true),
    });
    expect(faulting(outcome).sort()).toEqual([...onRootComplex].sort());
    expect(Object.values(outcome.devices)).not.toContain('failed');
    expect(Object.values(outcome.devices)).not.toContain('lost');
  });

  it('Command = 0 everywhere on the crash path: none until drivers enable bus mastering, then stale engines resume', () => {
    const outcome = run('q35-lab', { kernel: 'linux-6-no-copy', strategy: strategies.xenDisconnect });
    expect(outcome.dmaFaults.total).toBeGreaterThan(0);
    for (const requester of faulting(outcome)) expect(faultPhases(outcome, requester)).toEqual(['init']);
    expect(Object.values(outcome.devices)).not.toContain('failed');
    expect(Object.values(outcome.devices)).not.toContain('lost');
  });

  it('UHCI never faults: the USB hand-off stops it before pci_iommu_init', () => {
    expect(faulting(run('q35-lab', { kernel: 'linux-6-no-copy' }))).not.toContain('00:1d.0');
  });
});
