/** Order and bytes of x86-64 registers in a `g` packet (GDB, features/i386/64bit-core.xml). */
const NAMES = [
  'rax',
  'rbx',
  'rcx',
  'rdx',
  'rsi',
  'rdi',
  'rbp',
  'rsp',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
  'rip',
] as const;
const WIDE = 16;
const EFLAGS_AT = NAMES.length * WIDE;
const EFLAGS_DIGITS = 8;
const INTERRUPT_FLAG = 0x200;

/** A general register of 64 bits. */
export type RegisterName = (typeof NAMES)[number];

/** General registers of a stopped processor, as the gdbstub gives and takes them. */
export class GuestRegisters {
  /** All registers, hexadecimal in the guest's byte order. */
  readonly hex: string;

  constructor(hex: string) {
    this.hex = hex;
  }

  /** 16 hexadecimal digits, most significant first. */
  get(name: RegisterName): string {
    const at = NAMES.indexOf(name) * WIDE;
    return swap(this.hex.slice(at, at + WIDE));
  }

  with(name: RegisterName, value: string): GuestRegisters {
    const at = NAMES.indexOf(name) * WIDE;
    return new GuestRegisters(
      this.hex.slice(0, at) + swap(value.padStart(WIDE, '0')) + this.hex.slice(at + WIDE),
    );
  }

  get interruptsEnabled(): boolean {
    return (this.#flags & INTERRUPT_FLAG) !== 0;
  }

  /** The same with EFLAGS.IF clear: maskable interrupts stay pending. */
  withInterruptsDisabled(): GuestRegisters {
    const flags = (this.#flags & ~INTERRUPT_FLAG) >>> 0;
    const digits = swap(flags.toString(16).padStart(EFLAGS_DIGITS, '0'));
    return new GuestRegisters(
      this.hex.slice(0, EFLAGS_AT) + digits + this.hex.slice(EFLAGS_AT + EFLAGS_DIGITS),
    );
  }

  get #flags(): number {
    return Number.parseInt(swap(this.hex.slice(EFLAGS_AT, EFLAGS_AT + EFLAGS_DIGITS)), 16);
  }
}

function swap(hex: string): string {
  return Buffer.from(hex, 'hex').reverse().toString('hex');
}
