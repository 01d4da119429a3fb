import { ConfigReader } from '../description/config-reader.ts';
import { functionName, parseFunctionName } from '../description/function-name.ts';
import type { ListedFunction } from '../import/machine-of-parts.ts';
import type { SysfsFile } from '../import/sysfs-file.ts';
import type { RankedFunction } from './merge-functions.ts';

/** Bus numbers that a source gives to a bridge. */
export interface BusClaim {
  readonly secondary: number;
  readonly subordinate: number;
  readonly file: string;
  readonly line: number;
}

/** What sources say of bridges beside the numbers that are used. */
export interface BusEvidence {
  /** By name of a function: the bridge above it, as paths in `/sys/devices` have it. */
  readonly above: ReadonlyMap<string, string>;
  /** By name of a bridge, one from each source that has it. */
  readonly claims: ReadonlyMap<string, readonly BusClaim[]>;
}

/** Type 1 header: Secondary and Subordinate Bus Number (PCIe 6.0, 7.5.1.3.4 and 7.5.1.3.5). */
const SECONDARY = 0x19;
const SUBORDINATE = 0x1a;

/** @param sources every listing of every function */
export function busEvidence(
  sources: readonly RankedFunction[],
  sysfsFiles: readonly SysfsFile[],
): BusEvidence {
  const claims = new Map<string, BusClaim[]>();
  for (const { listed } of sources) {
    const claim = claimOf(listed);
    if (claim === undefined) continue;
    const known = claims.get(listed.name);
    if (known === undefined) claims.set(listed.name, [claim]);
    else known.push(claim);
  }
  const above = new Map<string, string>();
  for (const { path, link } of sysfsFiles) {
    for (const place of link === undefined ? [path] : [path, link]) readPath(place, above);
  }
  return { above, claims };
}

function claimOf({ bytes, missing, file, line }: ListedFunction): BusClaim | undefined {
  const config = new ConfigReader(bytes);
  const [secondary, subordinate] = [config.u8(SECONDARY), config.u8(SUBORDINATE)];
  const lacks = missing.some(({ start, end }) => start <= SUBORDINATE && SECONDARY < end);
  return !config.isBridge || lacks || secondary === 0 ? undefined : { secondary, subordinate, file, line };
}

/** `sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/config` */
function readPath(path: string, above: Map<string, string>): void {
  let bridge: string | undefined;
  for (const part of path.split('/')) {
    const place = parseFunctionName(part);
    const name = place === undefined ? undefined : functionName(place);
    if (name !== undefined && bridge !== undefined && !above.has(name)) above.set(name, bridge);
    bridge = name;
  }
}
