import { ADDRESS_LIMIT } from '@quiesce/simulation';
import { type LineContext, MAX_SEARCHED } from './boot-log-draft.ts';
import type { LoggedRange } from './boot-record.ts';

/** `BIOS-e820: [mem 0x0-0x9d3ff] usable`, with a size before the kind in kernels that print one. */
const E820 =
  /^(?:BIOS-e820|e820): \[mem 0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})\] +(?:\d{1,9}(?:\.\d)? +[KMGT]?B +)?(\S.{0,40})$/;
/** Before 3.5: the end is exclusive. */
const OLD_E820 = /^BIOS-e820: ([0-9a-f]{8,16}) - ([0-9a-f]{8,16}) \(([^)]{1,40})\)$/;
const MMCONFIG =
  /MMCONFIG for domain ([0-9a-f]{4}) \[bus ([0-9a-f]{2})-([0-9a-f]{2})\] at \[mem 0x([0-9a-f]{1,16})-0x[0-9a-f]{1,16}\] \(base 0x([0-9a-f]{1,16})\)$/;
const ECAM =
  /ECAM \[mem 0x([0-9a-f]{1,16})-0x[0-9a-f]{1,16}\] \(base 0x([0-9a-f]{1,16})\) for domain ([0-9a-f]{4}) \[bus ([0-9a-f]{2})-([0-9a-f]{2})\]$/;
/** 2.6.2x and 2.6.3x: `PCI: MCFG configuration 0: base e0000000 segment 0 buses 0 - 255`. */
const MCFG =
  /MCFG configuration \d{1,3}: base (?:0x)?([0-9a-f]{1,16}) segment (\d{1,5}) (?:buses (\d{1,3}) - (\d{1,3})|\(bus (\d{1,3})-(\d{1,3})\))$/;
const RESERVING = /Reserving (\d{1,9})MB of (?:low )?memory at (\d{1,9})MB for crashkernel/;
const RESERVED = /crashkernel (?:low memory )?reserved: 0x([0-9a-f]{1,16}) - 0x([0-9a-f]{1,16})/;
const MIB = 0x10_0000;
const PER_BUS = 0x10_0000;

/** Reads a line on memory: the firmware's map, ECAM windows, what was reserved for a crash kernel. */
export function readMemoryLine(message: string, context: LineContext): boolean {
  if (message.startsWith('BIOS-e820: ')) return readE820(message, context);
  if (message.startsWith('PCI: ') || message.includes('MMCONFIG for domain'))
    return readEcam(message, context);
  if (message.includes('crashkernel')) return readReservation(message, context);
  return false;
}

function readE820(message: string, context: LineContext): boolean {
  const { boot, notes, line } = context;
  const text = message.trimEnd();
  const match = E820.exec(text) ?? OLD_E820.exec(text);
  if (match === null) {
    notes.add(`damaged line of the memory map, not used: ${JSON.stringify(text.slice(0, 80))}`, { line });
    return true;
  }
  const isOld = text.charCodeAt(11) !== 0x5b;
  const base = Number.parseInt(match[1] as string, 16);
  const limit = Number.parseInt(match[2] as string, 16) - (isOld ? 1 : 0);
  if (limit < base || limit >= ADDRESS_LIMIT) {
    notes.add('a range of the memory map ends before it begins or beyond 52 bits, and is not used', { line });
    return true;
  }
  boot.add(boot.e820, { base, limit, kind: match[3] as string, line });
  return true;
}

function readEcam(message: string, context: LineContext): boolean {
  const text = message.trimEnd();
  let match = MMCONFIG.exec(text);
  if (match !== null) {
    addEcam(context, hex(match[1]), hex(match[2]), hex(match[3]), hex(match[5]));
    return true;
  }
  match = ECAM.exec(text);
  if (match !== null) {
    addEcam(context, hex(match[3]), hex(match[4]), hex(match[5]), hex(match[2]));
    return true;
  }
  match = MCFG.exec(text);
  if (match === null) return false;
  const [first, last] = [Number(match[3] ?? match[5]), Number(match[4] ?? match[6])];
  addEcam(context, Number(match[2]), first, last, hex(match[1]));
  return true;
}

function addEcam(
  { boot, notes, line }: LineContext,
  segment: number,
  firstBus: number,
  lastBus: number,
  base: number,
): void {
  // Printed twice where the kernel tries early and again.
  if (boot.ecam.some((one) => one.segment === segment && one.firstBus === firstBus && one.base === base))
    return;
  if (lastBus < firstBus || lastBus > 255 || base % PER_BUS !== 0 || base > ADDRESS_LIMIT - 256 * PER_BUS) {
    notes.add('an ECAM window that cannot be is not used', { line });
    return;
  }
  boot.add(boot.ecam, { segment, firstBus, lastBus, base, line }, MAX_SEARCHED);
}

function readReservation(message: string, context: LineContext): boolean {
  const { boot, notes, line } = context;
  const range = reservation(message, line);
  if (range === undefined) return false;
  if (range.limit <= range.base || range.limit >= ADDRESS_LIMIT) {
    notes.add('memory for the crash kernel ends before it begins or beyond 52 bits, and is not used', {
      line,
    });
  } else if (!boot.crashReservations.some((one) => one.base === range.base)) {
    boot.add(boot.crashReservations, range, MAX_SEARCHED);
  }
  return true;
}

function reservation(message: string, line: number): LoggedRange | undefined {
  const reserving = RESERVING.exec(message);
  if (reserving !== null) {
    const base = Number(reserving[2]) * MIB;
    return { base, limit: base + Number(reserving[1]) * MIB - 1, line };
  }
  const reserved = RESERVED.exec(message);
  return reserved === null ? undefined : { base: hex(reserved[1]), limit: hex(reserved[2]) - 1, line };
}

function hex(digits: string | undefined): number {
  return Number.parseInt(digits as string, 16);
}
