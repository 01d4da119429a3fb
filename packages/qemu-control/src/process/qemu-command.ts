/** The emulator; Debian: qemu-system-x86. */
export const PROGRAM = 'qemu-system-x86_64';
/** stdin, stdout, stderr come before. */
export const FIRST_FD = 3;

/** What a QEMU process is started with, beside its control channels. */
export interface QemuOptions {
  /** The machine, its devices and its kernel. Software emulation is on the lab's side: `accel=tcg` is put in front. */
  readonly arguments: readonly string[];
  /** How many serial ports, on the ISA bus from ttyS0; default none. */
  readonly serialPorts?: number;
  /** Ids of stream networks for `-device …,netdev=ID`; default none. */
  readonly networks?: readonly string[];
  /** Patterns of trace events to write; default none. */
  readonly traceEvents?: readonly string[];
}

/** How QEMU is started: a program, its arguments, and how many socketpairs it inherits from descriptor 3 on. */
export interface QemuCommand {
  readonly program: string;
  readonly args: string[];
  readonly channels: number;
}

/** QEMU under `setpriv`, which has the kernel end it when its parent is gone, whatever ended that. */
export function qemuCommand(options: QemuOptions): QemuCommand {
  let fd = FIRST_FD;
  const args =
    `--pdeathsig KILL ${PROGRAM} -accel tcg -S -display none -nodefaults -no-user-config -msg timestamp=on`.split(
      ' ',
    );
  args.push('-chardev', `socket,id=qmp,fd=${fd++}`, '-mon', 'chardev=qmp,mode=control');
  // QEMU looks for qtest's character device under this id only.
  args.push('-chardev', `socket,id=qtest,fd=${fd++}`, '-qtest', 'chardev:qtest', '-qtest-log', 'none');
  args.push('-chardev', `socket,id=gdb,fd=${fd++}`, '-gdb', 'chardev:gdb');
  for (let i = 0; i < (options.serialPorts ?? 0); i++) {
    args.push('-chardev', `socket,id=serial${i},fd=${fd++}`, '-serial', `chardev:serial${i}`);
  }
  for (const id of options.networks ?? []) {
    args.push('-netdev', `stream,id=${id},server=off,addr.type=fd,addr.str=${fd++}`);
  }
  for (const event of options.traceEvents ?? []) args.push('-trace', event);
  return { program: 'setpriv', args: [...args, ...options.arguments], channels: fd - FIRST_FD };
}
