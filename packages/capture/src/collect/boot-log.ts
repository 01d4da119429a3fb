import { spawnSync } from 'node:child_process';

/** What a command printed, or why there is nothing. */
export type CommandResult = { readonly text: string } | { readonly failure: string };

/** Runs a command that only reads, within seconds. */
export type RunCommand = (command: string, args: readonly string[]) => CommandResult;

/** Bytes of a boot log that a capture holds. */
export const bootLogBytes: number = 2 * 1024 * 1024;

/** {@link RunCommand} on this machine. */
export const runHere: RunCommand = (command, args) => {
  const { stdout, stderr, status, error } = spawnSync(command, [...args], {
    encoding: 'utf8',
    timeout: 20_000,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', SYSTEMD_COLORS: '0' },
  });
  if (error !== undefined) {
    const code = (error as NodeJS.ErrnoException).code;
    return {
      failure: code === 'ENOENT' ? 'there is no such command' : `it failed: ${code ?? error.message}`,
    };
  }
  if (status !== 0) return { failure: (stderr.split('\n')[0] ?? '').trim() || `it ended with ${status}` };
  return { text: stdout };
};

/** Lines of a kernel log that programs and networks write, not the kernel about its hardware. */
const ofNoUse = /audit[:(]|audit_|systemd(-[a-z]+)?\[|IN=[^ ]* OUT=|apparmor=|SELinux:/;
const ofUse =
  /DMAR|IOMMU|iommu|AMD-Vi|SMMU|smmu|INTR-REMAP|PCI|pci|kexec|crash|Command line|command line|Linux version|e820|ACPI/;

/** A boot log as it is kept. */
export interface KeptBootLog {
  readonly text: string;
  /** Lines of programs and networks. */
  readonly ofPrograms: number;
  /** Lines that were too many. */
  readonly tooMany: number;
}

/**
 * The kernel's own lines of a log, up to {@link bootLogBytes}: from where half of that is full, only lines about
 * remapping, PCI, ACPI and kexec.
 */
export function keptBootLog(log: string): KeptBootLog {
  let ofPrograms = 0;
  let tooMany = 0;
  let bytes = 0;
  const kept: string[] = [];
  for (const line of log.replace(/\n$/, '').split('\n')) {
    if (ofNoUse.test(line)) ofPrograms++;
    else if (bytes + line.length + 1 > bootLogBytes || (bytes > bootLogBytes / 2 && !ofUse.test(line)))
      tooMany++;
    else {
      kept.push(line);
      bytes += line.length + 1;
    }
  }
  const text = kept.join('\n');
  return { text: text === '' ? '' : `${text}\n`, ofPrograms, tooMany };
}
