import { secondInitParameters } from '../guest-scripts/second-init.ts';
import type { LabVariant } from './lab-variant.ts';

/** Physical memory that neither kernel uses, where strategies get their pages. */
export const LAB_MEMORY: { readonly start: number; readonly end: number } = {
  start: 0x2000_0000,
  end: 0x2200_0000,
};

const CONSOLE = 'console=ttyS0,115200';
/** A kernel that does not find its ELF core header does not take itself for a kdump kernel; the last one given counts. */
const NOT_KDUMP = 'elfcorehdr=0xffffffffffffffff';

function iommu(on: boolean, scalable: boolean): string {
  if (!on) return 'intel_iommu=off';
  return `intel_iommu=on,${scalable ? 'sm_on' : 'sm_off'} iommu.strict=1`;
}

/**
 * A kernel counts timer ticks against its processor's clock (timer_irq_works, arch/x86/kernel/apic/io_apic.c), and panics
 * with interrupt remapping if too few come: what a host that is short of time does to any guest. Only where interrupts are
 * what the run is about does the second kernel count them.
 */
const NO_TIMER_CHECK = 'no_timer_check';

/** Command line of the kernel that crashes. */
export function firstCommandLine(variant: LabVariant): string {
  const mib = (LAB_MEMORY.end - LAB_MEMORY.start) / 0x10_0000;
  const reserved = `memmap=${mib}M$0x${LAB_MEMORY.start.toString(16)}`;
  return `${CONSOLE} nokaslr ${iommu(true, variant.firstScalable)} crashkernel=256M ${reserved} ${NO_TIMER_CHECK} panic=0`;
}

/**
 * Command line of the kernel that boots after the crash, without what kexec puts in front of it.
 *
 * @param parameters what the strategy stands for, e.g. `reset_devices`
 * @param withoutDriver names of functions that get no driver
 */
export function secondCommandLine(
  variant: LabVariant,
  parameters: readonly string[],
  withoutDriver: readonly string[] = [],
): string {
  const words = [
    CONSOLE,
    'nokaslr',
    iommu(variant.tables !== 'iommu-off', variant.secondScalable),
    'nr_cpus=1 reset_devices panic=0',
    ...parameters.filter((each) => each !== 'reset_devices'),
  ];
  if (variant.interrupts === 'masked') words.push(NO_TIMER_CHECK);
  if (variant.tables === 'no-copy') words.push(NOT_KDUMP);
  words.push(
    ...secondInitParameters({
      undrivenSeconds: variant.undrivenMs / 1000,
      dump: variant.readsDumpTwice ? 'compare' : 'verify',
      withoutDriver,
    }),
  );
  return words.join(' ');
}
