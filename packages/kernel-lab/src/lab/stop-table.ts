import type { GdbClient } from '@quiesce/qemu-control';
import type { HookName } from '@quiesce/strategy';
import type { LabPhase } from '../account/account.ts';

/** What is done where the processor is held. */
export type StopAction =
  | { readonly kind: 'phase'; readonly phase: LabPhase }
  | { readonly kind: 'hook'; readonly hook: HookName };

/** Breakpoints by virtual address (16 hexadecimal digits), and what each is for, in the order in which it is done. */
export class StopTable {
  readonly #actions = new Map<string, StopAction[]>();
  readonly #armed = new Set<string>();

  /** Without an action the guest just stops there. */
  add(address: string, ...actions: readonly StopAction[]): void {
    this.#actions.set(address, [...(this.#actions.get(address) ?? []), ...actions]);
  }

  /** Sets the breakpoints that are not set yet. */
  async arm(gdb: GdbClient): Promise<void> {
    for (const address of this.#actions.keys()) {
      if (this.#armed.has(address)) continue;
      await gdb.setBreakpoint(address);
      this.#armed.add(address);
    }
  }

  /** What is to be done here; the breakpoint is taken away, since the guest would not get past it. */
  async take(gdb: GdbClient, address: string): Promise<readonly StopAction[]> {
    const actions = this.#actions.get(address) ?? [];
    this.#actions.delete(address);
    if (this.#armed.delete(address)) await gdb.clearBreakpoint(address);
    return actions;
  }
}
