import type { ConfigReader } from '../description/config-reader.ts';

/** What lists of devices name a function by: each four hexadecimal digits, as lspci -n prints them. */
export interface FunctionIds {
  readonly vendor: string;
  readonly device: string;
  /** Of the subsystem; that of its vendor is not listed anywhere. */
  readonly subsystem: string;
  /** Base class and subclass: `0c07`. */
  readonly classCode: string;
}

/** The IDs of a function, off its config space. */
export function functionIds(config: ConfigReader): FunctionIds {
  return {
    vendor: hex4(config.u16(0)),
    device: hex4(config.u16(2)),
    subsystem: hex4(config.u16(0x2e)),
    classCode: hex4(config.classCode >>> 8),
  };
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}
