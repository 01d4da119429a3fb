import { bridges, requesters } from './requesters.ts';

/** First byte of the extended configuration space. */
const ECAM = 0xb000_0000;
/** PCIEXBAR of the Q35 host bridge through the type 1 mechanism, and its value: at ECAM, 256 buses, enabled. */
const PCIEXBAR = 0x8000_0060;
const MEMORY_AND_MASTER = 0x6;
/** MSI capability of QEMU's HD audio controller. */
const MSI = 0x60;

/** Address of a configuration register. */
export function configAddress(routingId: number, register: number): number {
  return ECAM + routingId * 4096 + register;
}

/** qtest commands that give the machine its bus numbers, windows and BARs, and start what a firmware would. */
export function machineSetup(): string[] {
  const lines = [`outl 0xcf8 0x${PCIEXBAR.toString(16)}`, `outl 0xcfc 0x${(ECAM + 1).toString(16)}`];
  const write = (suffix: 'b' | 'w' | 'l', address: number, value: number): void => {
    lines.push(`write${suffix} 0x${address.toString(16)} 0x${value.toString(16)}`);
  };
  for (const { routingId, primary, secondary, subordinate, window, bytes } of bridges) {
    write('l', configAddress(routingId, 0x18), primary | (secondary << 8) | (subordinate << 16));
    const limit = window + bytes - 1;
    write(
      'l',
      configAddress(routingId, 0x20),
      ((limit >>> 16) & 0xfff0) * 0x1_0000 + ((window >>> 16) & 0xfff0),
    );
    write('w', configAddress(routingId, 4), MEMORY_AND_MASTER);
  }
  for (const { routingId, bar } of requesters) {
    write('l', configAddress(routingId, 0x10), bar);
    write('w', configAddress(routingId, 4), MEMORY_AND_MASTER);
    // Out of reset; codec answers are not written to memory; one answer more than is ever counted.
    write('l', bar + 0x08, 1);
    write('w', bar + 0x5a, 1);
    write('b', bar + 0x4c, 2);
    // An interrupt that stays pending: the codec's presence, with every codec allowed to wake.
    write('w', bar + 0x0c, 0x7fff);
    write('w', configAddress(routingId, MSI + 2), 1);
  }
  return lines;
}
