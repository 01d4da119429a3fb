import { parseFunctionName } from '../description/function-name.ts';
import type { LoggedBoot, LoggedFunction } from './boot-record.ts';

/** What says that a function is of PCI Express, and of what Device/Port Type. */
export interface ExpressEvidence {
  /** Device/Port Type (PCI Express 7.5.3.2). */
  readonly type: number;
  /** Line that says it; undefined if it follows from where the function stands. */
  readonly line?: number;
}

const ENDPOINT = 0;
const ROOT_PORT = 4;
const UPSTREAM_PORT = 5;
const DOWNSTREAM_PORT = 6;
const PCIE_TO_PCI_BRIDGE = 7;

/**
 * Device/Port Types of the functions of a log, by name. Linux prints them since 6.9; in older logs a bridge that `pcieport` drives
 * is a port, and what stands below a root port or a downstream port is of PCI Express, too.
 */
export function expressTypesOf(boot: LoggedBoot): Map<string, ExpressEvidence> {
  const survey: Survey = { boot, above: bridgesBySecondary(boot.functions), found: new Map() };
  for (const one of boot.functions) typeOf(one, survey, 0);
  return survey.found;
}

/** What the type of a function is looked up in, and what was found. */
interface Survey {
  readonly boot: LoggedBoot;
  /** Bridges by `segment:secondary bus`. */
  readonly above: ReadonlyMap<string, LoggedFunction>;
  readonly found: Map<string, ExpressEvidence>;
}

/** Bridges by `segment:secondary bus`. */
function bridgesBySecondary(functions: readonly LoggedFunction[]): Map<string, LoggedFunction> {
  const bridges = new Map<string, LoggedFunction>();
  for (const one of functions) {
    const place = parseFunctionName(one.name);
    if (place === undefined || one.buses === undefined || one.buses.secondary <= place.bus) continue;
    bridges.set(`${place.segment}:${one.buses.secondary}`, one);
  }
  return bridges;
}

function typeOf(one: LoggedFunction, survey: Survey, depth: number): ExpressEvidence | undefined {
  const known = survey.found.get(one.name);
  if (known !== undefined || one.expressType === 'conventional' || depth > 255) return known;
  const evidence = evidenceOf(one, survey, depth);
  if (evidence !== undefined) survey.found.set(one.name, evidence);
  return evidence;
}

function evidenceOf(one: LoggedFunction, survey: Survey, depth: number): ExpressEvidence | undefined {
  if (typeof one.expressType === 'number') return { type: one.expressType, line: one.line };
  const place = parseFunctionName(one.name);
  const parent = place === undefined ? undefined : survey.above.get(`${place.segment}:${place.bus}`);
  const driver = survey.boot.drivers.get(one.name);
  const isPort = one.headerType === 1 && driver?.value === 'pcieport';
  if (parent === undefined) return isPort ? { type: ROOT_PORT, line: driver?.line as number } : undefined;
  const parentType = typeOf(parent, survey, depth + 1)?.type;
  const onLink = parentType === ROOT_PORT || parentType === DOWNSTREAM_PORT;
  if (isPort) {
    const type = parentType === UPSTREAM_PORT ? DOWNSTREAM_PORT : UPSTREAM_PORT;
    return { type, line: driver?.line as number };
  }
  if (!onLink) return undefined;
  return { type: one.headerType === 1 ? PCIE_TO_PCI_BRIDGE : ENDPOINT };
}
