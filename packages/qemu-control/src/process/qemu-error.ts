/** What went wrong between the laboratory and QEMU. */
export type QemuErrorCode =
  | 'QEMU_MISSING'
  | 'QEMU_EXITED'
  | 'QEMU_TIMEOUT'
  | 'QMP_REFUSED'
  | 'GDB_REFUSED'
  | 'QTEST_REFUSED';

/** QEMU is absent, has ended, does not answer in time, or refuses a command. */
export class QemuError extends Error {
  readonly code: QemuErrorCode;

  constructor(code: QemuErrorCode, message: string) {
    super(message);
    this.name = 'QemuError';
    this.code = code;
  }
}
