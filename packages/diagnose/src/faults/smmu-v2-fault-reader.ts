import { parseSmmuV2, type SmmuV2Line } from '../lines/smmu-v2-line.ts';
import { type Findings, type LogLine, tellWhole } from './found-fault.ts';

/** Lines of one fault stand this close together. */
const WITHIN = 4;

interface OpenFault {
  readonly first: LogLine;
  latest: LogLine;
  said: SmmuV2Line;
}

/** Faults of SMMUv1 and SMMUv2, whose kernels print one line or up to four. */
export class SmmuV2FaultReader {
  readonly #findings: Findings;
  #open: OpenFault | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** True if the line was a fault or a part of one. */
  read(line: LogLine): boolean {
    const said = parseSmmuV2(line.message);
    if (said === undefined) return false;
    const open = this.#open;
    const near =
      open !== undefined && line.sequence - open.latest.sequence <= WITHIN && open.said.unit === said.unit;
    if (near && said.kind === 'details' && !repeats(open.said, said)) {
      open.said = {
        ...open.said,
        ...said,
        kind: open.said.kind,
        status: said.status ?? open.said.status ?? [],
      };
      open.latest = line;
      return true;
    }
    this.finish();
    this.#open = { first: line, latest: line, said };
    return true;
  }

  /** Nothing follows any more. */
  finish(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const { stream, address, operation, status, kind } = open.said;
    const what = status?.join(', ') || (kind === 'global' ? 'global fault' : 'context fault');
    const who = stream === undefined ? '' : `, StreamID 0x${stream.toString(16)}`;
    tellWhole(this.#findings, open.first, open.latest, {
      architecture: 'smmu-v2',
      kind: 'dma',
      ...(operation === undefined ? {} : { operation }),
      ...(address === undefined ? {} : { address }),
      ...(stream === undefined ? {} : { stream }),
      reasonText: `${what}${who}`,
      shape: 'smmu',
    });
  }
}

/** Kernels of 6.11 print no first line: the registers of the next fault begin another. */
function repeats(one: SmmuV2Line, other: SmmuV2Line): boolean {
  return one.kind === 'details' && one.status !== undefined && other.status !== undefined;
}
