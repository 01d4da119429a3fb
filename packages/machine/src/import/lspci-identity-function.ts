import { type FunctionPlace, functionName } from '../description/function-name.ts';
import type { LspciFunction } from './lspci.ts';
import type { DecodedSpace } from './lspci-decoded-space.ts';
import { decodeFunction } from './lspci-function-text.ts';
import type { FunctionIdentity } from './lspci-heading.ts';

/** A function of which a text says no more than what and where it is. */
export interface IdentifiedFunction {
  readonly place: FunctionPlace;
  readonly identity: FunctionIdentity;
  readonly label: string;
  readonly line: number;
  /** Undefined where the text does not speak of drivers, empty where it says that there is none. */
  readonly driver?: string;
  /** Puts what else the text says, before anything is assumed. */
  readonly more?: (space: DecodedSpace) => void;
}

/** Its config space has 64 bytes, most of which nobody knows. */
export function identifiedFunction(one: IdentifiedFunction): LspciFunction {
  const { identity, label, line, more, driver } = one;
  const space = decodeFunction({ identity, label, details: [], line }, () => {}, more);
  const { bytes, missing, decoded } = space.combine(undefined);
  return {
    ...one.place,
    name: functionName(one.place),
    ...(label === '' ? {} : { label }),
    bytes,
    missing,
    decoded,
    regionSizes: new Array<undefined>(6).fill(undefined),
    ...(driver === undefined || driver === '' ? {} : { kernelDriver: driver }),
    verbose: driver !== undefined,
    line,
  };
}
