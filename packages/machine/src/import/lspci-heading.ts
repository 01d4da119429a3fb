import { classCodes, vendorOf } from './lspci-class-names.ts';

/** What the first line of a function says of its identity; what it does not say is left out. */
export interface FunctionIdentity {
  /** 16 bits: base class and sub-class. */
  readonly classCode?: number;
  readonly vendor?: number;
  readonly device?: number;
  readonly revision?: number;
  readonly programmingInterface?: number;
  readonly subsystemVendor?: number;
  readonly subsystemDevice?: number;
  /** Class, vendor and device stand there as numbers, as -n and -nn print them. */
  readonly numeric?: boolean;
}

const LONGEST = 1000;
const numericClass = /^(?:Class )?([0-9a-f]{4}): /;
const bracketedClass = /^[^:[\]]{0,80}\[([0-9a-f]{4})\]: /;
const namedClass = /^([^:[\]]{1,80}): /;
const identifiers = /^([0-9a-f]{4}):([0-9a-f]{4})(?= |$)/;
const bracketedIdentifiers = /\[([0-9a-f]{4}):([0-9a-f]{4})\](?= \(rev| \(prog-if|$)/;
const unnamedDevice = /(?:^| )Device ([0-9a-f]{4})(?= \(rev| \(prog-if|$)/;

/**
 * Reads `SATA controller [0106]: Intel Corporation … [8086:2922] (rev 02) (prog-if 01 [AHCI 1.0])`, also as -n and as
 * neither prints it. A function that reads ff throughout says no more than that.
 */
export function readHeading(text: string): FunctionIdentity {
  if (text.length > LONGEST) return {};
  const classMatch = numericClass.exec(text) ?? bracketedClass.exec(text) ?? namedClass.exec(text);
  const device = classMatch === null ? text : text.slice(classMatch[0].length);
  const classCode = classMatch === null ? undefined : classCodeOf(classMatch);
  const ids = identifiers.exec(device) ?? bracketedIdentifiers.exec(device);
  const revision = suffix(device, '(rev ');
  const programmingInterface = suffix(device, '(prog-if ');
  const vendor = ids === null ? vendorOf(device) : Number.parseInt(ids[1] as string, 16);
  const deviceId = ids?.[2] ?? unnamedDevice.exec(device)?.[1];
  return {
    ...(ids === null ? {} : { numeric: true }),
    ...(classCode === undefined ? {} : { classCode }),
    ...(vendor === undefined ? {} : { vendor }),
    ...(deviceId === undefined ? {} : { device: Number.parseInt(deviceId, 16) }),
    // Without the mark lspci has read 00.
    ...(classCode === undefined && revision === undefined ? {} : { revision: revision ?? 0 }),
    ...(programmingInterface === undefined ? {} : { programmingInterface }),
  };
}

function classCodeOf([, found]: RegExpExecArray): number | undefined {
  if (/^[0-9a-f]{4}$/.test(found as string)) return Number.parseInt(found as string, 16);
  return classCodes.get((found as string).toLowerCase());
}

function suffix(text: string, mark: string): number | undefined {
  const at = text.lastIndexOf(mark);
  if (at < 0) return undefined;
  const digits = text.slice(at + mark.length, at + mark.length + 2);
  return /^[0-9a-f]{2}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

const subsystem = /\[?([0-9a-f]{4}):([0-9a-f]{4})\]?$/;

/** The numbers at the end of `Subsystem: Dell Device [1028:0738]`, or of `Subsystem: 1028:0738`. */
export function readSubsystem(
  text: string,
): { readonly vendor: number; readonly device: number } | undefined {
  const match = subsystem.exec(text.trimEnd().slice(-11));
  if (match === null) return undefined;
  return {
    vendor: Number.parseInt(match[1] as string, 16),
    device: Number.parseInt(match[2] as string, 16),
  };
}
