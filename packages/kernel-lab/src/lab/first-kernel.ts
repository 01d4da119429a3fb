import { QemuProcess } from '@quiesce/qemu-control';
import { UserError } from '@quiesce/simulation';
import { GuestReports } from '../guest/guest-reports.ts';
import { FaultLog } from '../observe/fault-log.ts';
import { checkReported } from '../reported/check-reported.ts';
import type { BootPlan } from './boot-plan.ts';

const BOOT_MS = 240_000;
/** Events of QEMU's VT-d unit that the lab reads. */
const TRACE_EVENTS = [
  'vtd_dmar_fault',
  'vtd_dmar_enable',
  'vtd_ir_enable',
  'vtd_reg_dmar_root',
  'vtd_reg_ir_root',
] as const;

/** A guest under control, with everything that listens to it. */
export interface LabMachine {
  readonly qemu: QemuProcess;
  readonly reports: GuestReports;
  readonly faults: FaultLog;
}

/** Starts QEMU for a plan. @param more further arguments, e.g. `-incoming` */
export async function startQemu(plan: BootPlan, more: readonly string[] = []): Promise<LabMachine> {
  const { topology, kernel, initramfs, firstCommandLine } = plan;
  const boot = ['-kernel', kernel.bootImage, '-initrd', initramfs, '-append', firstCommandLine];
  const qemu = await QemuProcess.start({
    arguments: [...topology.arguments, '-cpu', 'max', '-no-reboot', ...boot, ...more],
    serialPorts: 2,
    networks: topology.networks.map(({ id }) => id),
    traceEvents: TRACE_EVENTS,
  });
  const [, reports] = qemu.serial;
  if (reports === undefined) throw new Error('two serial ports were asked for');
  return { qemu, reports: new GuestReports(reports), faults: new FaultLog(qemu.trace) };
}

/**
 * Boots the first kernel until its devices are busy and the second kernel is loaded.
 *
 * @param onStart is told of QEMU as soon as it runs
 * @throws UserError `LAB_KEXEC` with kexec's own words if the second kernel was not loaded, `LAB_MACHINE_DIFFERS` if the guest
 * reports another machine; `QemuError`
 */
export async function bootFirstKernel(
  plan: BootPlan,
  onStart: (machine: LabMachine) => void,
): Promise<LabMachine> {
  const machine = await startQemu(plan);
  onStart(machine);
  const { qemu, reports } = machine;
  try {
    await qemu.qmp.execute('cont');
    const ready = reports.waitFor(/^ready$/, BOOT_MS).catch((error: Error) => {
      const last = qemu.serial[0]?.lines.slice(-8).map(({ text }) => text) ?? [];
      throw new UserError(
        'LAB_BOOT',
        `the first kernel did not come up: ${error.message}\n${last.join('\n')}`,
      );
    });
    await qemu.orEnd(ready, BOOT_MS, 'the first kernel');
    const [loaded] = reports.matches(/^loaded (\d)/);
    if (loaded?.[1] !== '1') {
      const words = reports.files.get('kexec-error')?.toString('utf8').trim();
      throw new UserError(
        'LAB_KEXEC',
        `the second kernel was not loaded: ${words || 'kexec does not say why'}`,
      );
    }
    await checkReported(plan.machine, reports.files, qemu.qtest);
    return machine;
  } catch (error) {
    await qemu.close();
    throw error;
  }
}
