import type { Type1ConfigAccess } from '@quiesce/strategy';

const BUSES = 256;
const COMMAND = 0x04;
const BUS_MASTER_ENABLE = 1 << 2;

/** Clears Bus Master Enable of every endpoint that answers to type 1 accesses; bridges go on forwarding. */
export function clearBusMasters(type1: Type1ConfigAccess): void {
  for (let bus = 0; bus < BUSES; bus++) {
    for (let device = 0; device < 32; device++) {
      for (let fn = 0; fn < 8; fn++) {
        const vendor = type1.read16(bus, device, fn, 0);
        const answers = vendor !== 0xffff && vendor !== 0;
        if (!answers && fn === 0) break;
        if (!answers) continue;
        const headerType = type1.read8(bus, device, fn, 0x0e);
        if ((headerType & 0x7f) === 0) {
          const command = type1.read16(bus, device, fn, COMMAND);
          type1.write16(bus, device, fn, COMMAND, command & ~BUS_MASTER_ENABLE);
        }
        if (fn === 0 && (headerType & 0x80) === 0) break;
      }
    }
  }
}
