import { expect, it } from 'vitest';
import { firstCommandLine, LAB_MEMORY, secondCommandLine } from './command-lines.ts';
import { defaultVariant } from './lab-variant.ts';

it('the first kernel reserves memory for the crash kernel and for strategies', () => {
  const line = firstCommandLine(defaultVariant);
  expect(line).toContain('crashkernel=256M');
  expect(line).toContain('memmap=32M$0x20000000');
  expect(line).toContain('intel_iommu=on,sm_off');
  expect((LAB_MEMORY.end - LAB_MEMORY.start) / 0x10_0000).toBe(32);
  expect(firstCommandLine({ ...defaultVariant, firstScalable: true })).toContain('intel_iommu=on,sm_on');
});

it('variants are parameters of the second kernel', () => {
  const line = (variant: Partial<typeof defaultVariant>): string =>
    secondCommandLine({ ...defaultVariant, ...variant }, []);
  expect(line({})).not.toContain('elfcorehdr');
  // The one that kexec puts in front is overruled.
  expect(line({ tables: 'no-copy' })).toContain('elfcorehdr=0xffffffffffffffff');
  expect(line({ tables: 'iommu-off' })).toContain('intel_iommu=off');
  expect(line({ secondScalable: true })).toContain('intel_iommu=on,sm_on');
  expect(line({ undrivenMs: 1500, readsDumpTwice: true })).toContain(
    'quiesce.undriven=1.5 quiesce.dump=compare',
  );
});

it('the second kernel checks its timer where interrupts are what the run is about', () => {
  expect(secondCommandLine(defaultVariant, [])).toContain('no_timer_check');
  expect(secondCommandLine({ ...defaultVariant, interrupts: 'on' }, [])).not.toContain('no_timer_check');
});

it("a strategy's parameters come once, devices without a driver by name", () => {
  const line = secondCommandLine(defaultVariant, ['reset_devices', 'pci=nomsi'], ['0000:06:00.0']);
  expect(line.match(/reset_devices/g)).toHaveLength(1);
  expect(line).toContain('pci=nomsi');
  expect(line).toContain('quiesce.without=0000:06:00.0');
});

it('fits where the kernel keeps it', () => {
  const parameters = Array.from({ length: 20 }, (_, i) => `parameter${i}=value`);
  expect(secondCommandLine({ ...defaultVariant, tables: 'no-copy' }, parameters).length).toBeLessThan(1500);
});
