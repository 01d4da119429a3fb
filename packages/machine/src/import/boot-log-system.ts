import { ADDRESS_LIMIT } from '@quiesce/simulation';
import { versionOfBanner } from '../kernel-facts/banner-version.ts';
import type { LineContext } from './boot-log-draft.ts';

const RELEASE = /^Linux version (\S{1,120}) /;
const COMMAND_LINE = /^(?:Kernel c|C)ommand line: (.*)$/;
/** `ACPI: DMAR 0x000000005F81F000 000098 (v01 …)`; before 3.14 without `0x`, before 2.6.2x with a blank less. */
const TABLE = /^ACPI: ([A-Z0-9_!]{4}) (?:0x)?([0-9A-Fa-f]{8,16}),? ([0-9A-Fa-f]{4,8}) \(v\d/;
const PROCESSORS: readonly RegExp[] = [
  /^smp: Brought up \d{1,5} nodes?, (\d{1,5}) CPUs?/,
  /^smpboot: Total of (\d{1,5}) processors activated/,
  /^Brought up (\d{1,5}) CPUs?/,
  /^Total of (\d{1,5}) processors activated/,
  /^SMP: Total of (\d{1,5}) processors activated/,
];
const POWER =
  /^(?:Using (?:pSeries|PowerNV|powernv|pseries) machine description|Hardware name: .*(?:POWER\d|pSeries|PowerNV))/;

/** Reads a line on the kernel, its command line, ACPI tables and processors. */
export function readSystemLine(message: string, context: LineContext): boolean {
  const first = message.charCodeAt(0);
  // L, C, K, A, s, B, T, S, U, H: what the lines below begin with.
  if (first === 0x41) return message.startsWith('ACPI: ') && readTable(message, context);
  if (first === 0x4c || first === 0x43 || first === 0x4b) return readKernel(message, context);
  if (first === 0x73 || first === 0x42 || first === 0x54 || first === 0x53)
    return readProcessors(message, context);
  if ((first === 0x55 || first === 0x48) && POWER.test(message)) {
    context.boot.platform ??= { value: 'power', file: context.file, line: context.line };
    return true;
  }
  return false;
}

function readKernel(message: string, { boot, notes, file, line }: LineContext): boolean {
  const release = message.charCodeAt(0) === 0x4c ? RELEASE.exec(message) : null;
  if (release !== null) {
    const version = boot.kernelRelease === undefined ? versionOfBanner(message) : undefined;
    if (version !== undefined) boot.kernelVersion = { value: version, file, line };
    boot.kernelRelease ??= { value: release[1] as string, file, line };
    return true;
  }
  if (message.startsWith('Linux version ')) {
    notes.add("the kernel's release is cut off, and is not used", { line });
    return true;
  }
  const command = COMMAND_LINE.exec(message);
  if (command === null) return false;
  const value = (command[1] as string).trim();
  // Both lines are printed, one early and one late: the first counts.
  boot.commandLine ??= { value, file, line };
  if (/(?:^| )elfcorehdr=/.test(value)) boot.crashKernel = true;
  return true;
}

function readTable(message: string, { boot, line }: LineContext): boolean {
  const match = TABLE.exec(message);
  if (match === null) return false;
  const address = Number.parseInt(match[2] as string, 16);
  // Tables that firmware loads later stand at a virtual address of the kernel, ffff…: they are no memory of firmware's.
  if (address >= ADDRESS_LIMIT) return true;
  const [, signature] = match as unknown as [string, string];
  boot.add(boot.tables, { signature, address, bytes: Number.parseInt(match[3] as string, 16), line });
  return true;
}

function readProcessors(message: string, { boot, file, line }: LineContext): boolean {
  for (const pattern of PROCESSORS) {
    const match = pattern.exec(message);
    if (match === null) continue;
    const value = Number(match[1]);
    if (value > 0) boot.processors ??= { value, file, line };
    return true;
  }
  return false;
}
