import { gunzipSync } from 'node:zlib';
import { captureScript } from '@quiesce/capture';
import type { Machine } from '@quiesce/machine';
import { QemuProcess, qemuTopology } from '@quiesce/qemu-control';
import { UserError } from '@quiesce/simulation';
import { GuestReports } from '../guest/guest-reports.ts';
import { CAPTURE_SCRIPT, captureInit, guestUsers } from '../guest-scripts/capture-init.ts';
import { MODULES } from '../lab/boot-plan.ts';
import type { Cache } from '../provision/cache/cache.ts';
import { buildInitramfs } from '../provision/initramfs/build-initramfs.ts';
import type { LabKernel } from '../provision/kernel/lab-kernel.ts';
import { type GuestHardware, readHardware } from './guest-hardware.ts';

const BOOT_MS = 300_000;
const COMMAND_LINE = 'console=ttyS0,115200 intel_iommu=on crashkernel=256M panic=0 no_timer_check';

/** What the kernel says of a function beside the capture. */
export interface KernelFunction {
  /** `0000:01:00.0` */
  readonly name: string;
  /** Undefined if nothing drives it. */
  readonly driver: string | undefined;
  /** IOMMU group; undefined without one. */
  readonly group: number | undefined;
}

/** A capture that the capture script took in a guest, and what there was to capture. */
export interface GuestCapture {
  /** Text of the capture that root took. */
  readonly root: string;
  /** Text of the capture that an ordinary user took. */
  readonly user: string;
  readonly kernelFunctions: readonly KernelFunction[];
  readonly hardware: GuestHardware;
}

/** How {@link captureGuest} starts a guest. */
export interface GuestCaptureOptions {
  readonly machine: Machine;
  readonly kernel: LabKernel;
  readonly cache: Cache;
  /** QEMU's words for the machine; default: those of qemuTopology. */
  readonly topology?: readonly string[];
  /** More words of the kernel's command line. */
  readonly parameters?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * Boots a real kernel on a machine of the lab, takes captures of it by the shell script, as root and as an ordinary user,
 * and reads the same hardware from outside.
 * @throws UserError `LAB_BOOT` if the guest does not come up, or the script complains; those of provision; `QemuError`
 */
export async function captureGuest(options: GuestCaptureOptions): Promise<GuestCapture> {
  const { machine, kernel, cache, signal } = options;
  const words = options.topology ?? qemuTopology(machine).arguments;
  const initramfs = await buildInitramfs(
    {
      kernel,
      modules: MODULES,
      programs: [],
      files: [
        { path: CAPTURE_SCRIPT, content: captureScript() },
        { path: '/etc/passwd', content: guestUsers },
      ],
      init: captureInit,
    },
    cache,
  );
  const line = [COMMAND_LINE, ...(options.parameters ?? [])].join(' ');
  const boot = ['-kernel', kernel.bootImage, '-initrd', initramfs.path, '-append', line];
  const qemu = await QemuProcess.start({
    arguments: [...words, '-cpu', 'max', '-no-reboot', ...boot],
    serialPorts: 2,
  });
  const abort = (): void => qemu.kill();
  signal?.addEventListener('abort', abort);
  try {
    const [console, port] = qemu.serial;
    if (console === undefined || port === undefined) throw new Error('two serial ports were asked for');
    const reports = new GuestReports(port);
    await qemu.qmp.execute('cont');
    const ready = reports.waitFor(/^ready$/, BOOT_MS).catch((error: Error) => {
      const last = console.lines.slice(-8).map(({ text }) => text);
      throw new UserError('LAB_BOOT', `the guest took no capture: ${error.message}\n${last.join('\n')}`);
    });
    await qemu.orEnd(ready, BOOT_MS, 'the guest');
    for (const who of ['root', 'user']) {
      const complaint = unpacked(reports, `${who}-errors`);
      if (complaint !== '') throw new UserError('LAB_BOOT', `the script complains as ${who}: ${complaint}`);
    }
    return {
      root: unpacked(reports, 'root'),
      user: unpacked(reports, 'user'),
      kernelFunctions: kernelFunctionsOf(reports),
      hardware: await readHardware(qemu, machine),
    };
  } finally {
    signal?.removeEventListener('abort', abort);
    await qemu.close();
    signal?.throwIfAborted();
  }
}

function unpacked(reports: GuestReports, name: string): string {
  const packed = reports.files.get(name);
  if (packed === undefined) throw new UserError('LAB_BOOT', `the guest did not hand over ${name}`);
  return gunzipSync(packed).toString('utf8');
}

function kernelFunctionsOf(reports: GuestReports): KernelFunction[] {
  return reports.matches(/^function (\S+) driver=(\S*) group=(\d*)$/).map(([, name, driver, group]) => ({
    name: name as string,
    driver: driver === '' ? undefined : driver,
    group: group === '' ? undefined : Number(group),
  }));
}
