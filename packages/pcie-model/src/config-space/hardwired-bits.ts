import { assert, type RegisterLayout, registerLayout } from '@quiesce/simulation';

/** Bits of a register that a function does not have; both ends are included. */
export interface AbsentBits {
  readonly register: string;
  readonly high: number;
  readonly low: number;
}

const known = new WeakMap<RegisterLayout, Map<string, RegisterLayout>>();

/**
 * A layout to lay over `layout`: it makes bits read-only that the function does not implement, which its own capability
 * bits tell (PCIe 7.4: fields that are not implemented are hardwired).
 */
export function hardwiredBits(layout: RegisterLayout, absent: readonly AbsentBits[]): RegisterLayout {
  const key = absent.map(({ register, high, low }) => `${register} ${high} ${low}`).join();
  let variants = known.get(layout);
  if (variants === undefined) {
    variants = new Map();
    known.set(layout, variants);
  }
  let found = variants.get(key);
  if (found === undefined) {
    found = registerLayout({
      name: `${layout.name}, what is absent`,
      specification: layout.specification,
      size: layout.size,
      registers: absent.map(({ register, high, low }, index) => {
        const declared = layout.register[register];
        assert(declared !== undefined, `${layout.name} has no register ${register}`);
        const { offset, width, section } = declared;
        const fields = [{ name: 'ABSENT', high, low, access: 'RO' } as const];
        return { name: `${register}_${index}`, offset, width, section, fields };
      }),
    });
    variants.set(key, found);
  }
  return found;
}
