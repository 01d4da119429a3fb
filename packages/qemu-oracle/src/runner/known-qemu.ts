import { QemuProcess } from '@quiesce/qemu-control';

/** The release whose deviations are listed; its point releases are alike. */
export const KNOWN_QEMU = '7.2';

/** Why suites tell nothing here, as a skipped test names it; undefined where they do. */
export function reasonToSkip(): string | undefined {
  if (!QemuProcess.available()) return 'skipped where qemu-system-x86 is absent';
  const version = QemuProcess.version();
  return version === KNOWN_QEMU || version.startsWith(`${KNOWN_QEMU}.`)
    ? undefined
    : `skipped with QEMU ${version}: deviations of ${KNOWN_QEMU} are listed`;
}
