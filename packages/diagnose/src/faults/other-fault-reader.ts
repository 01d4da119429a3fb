import { parseAmdEvent } from '../lines/amd-event-line.ts';
import { parsePlatformUnitFault } from '../lines/platform-unit-line.ts';
import { parseSmmuEvent, type SmmuEventLine, withSmmuWord, withSmmuWords } from '../lines/smmu-event-line.ts';
import { type Findings, isNext, type LogLine, tellWhole } from './found-fault.ts';
import { SmmuV2FaultReader } from './smmu-v2-fault-reader.ts';

/** Faults of remapping units that are not VT-d: recognised, and named as what they are. */
export class OtherFaultReader {
  readonly #findings: Findings;
  #smmu: { readonly first: LogLine; latest: LogLine; event: SmmuEventLine } | undefined;
  readonly #smmuV2: SmmuV2FaultReader;
  /** `AMD-Vi: Event logged [` whose event stands on the next line (Linux before 4.18). */
  #openAmd: LogLine | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
    this.#smmuV2 = new SmmuV2FaultReader(findings);
  }

  /** True while the next line may be part of a record. */
  wantsNext(): boolean {
    return this.#openAmd !== undefined;
  }

  /** True if the line was a fault or a part of one. */
  read(line: LogLine): boolean {
    return (
      this.#readAmd(line) || this.#readSmmu(line) || this.#smmuV2.read(line) || this.#readPlatformUnit(line)
    );
  }

  finish(): void {
    this.#releaseSmmu();
    this.#smmuV2.finish();
  }

  #readAmd(line: LogLine): boolean {
    const opened = this.#openAmd;
    this.#openAmd = undefined;
    const first = opened !== undefined && isNext(line, opened.sequence) ? opened : line;
    if (first === line && /AMD-Vi: Event logged \[$/.test(line.message)) {
      this.#openAmd = line;
      return true;
    }
    if (first === line && !/AMD-Vi: (?:Event logged|IO_PAGE_FAULT: )/.test(line.message)) return false;
    const event = parseAmdEvent(line.message);
    if (event === undefined || !event.refusal) return false;
    if (event.impossible !== undefined) {
      this.#findings.note(line.number, `not a fault: ${event.impossible}`);
      return true;
    }
    const { requester, address, operation, kind, pasid } = event;
    tellWhole(this.#findings, first, line, {
      architecture: 'amd-vi',
      kind,
      ...(operation === undefined ? {} : { operation }),
      ...(requester === undefined ? {} : { requester }),
      ...(address === undefined ? {} : { address }),
      ...(pasid === undefined ? {} : { pasid }),
      reasonText: event.text,
      shape: line.carried.xen ? 'xen' : 'amd',
    });
    return true;
  }

  #readSmmu(line: LogLine): boolean {
    const open = this.#smmu;
    if (open !== undefined && line.sequence - open.latest.sequence <= 4) {
      const next = open.event.wordsToCome > 0 ? withSmmuWord : withSmmuWords;
      const event = next(open.event, line.message);
      if (event !== undefined) {
        open.event = event;
        open.latest = line;
        return true;
      }
    }
    const event = parseSmmuEvent(line.message);
    if (event === undefined) return false;
    this.#releaseSmmu();
    this.#smmu = { first: line, latest: line, event };
    return true;
  }

  #readPlatformUnit(line: LogLine): boolean {
    const fault = parsePlatformUnitFault(line.message);
    if (fault === undefined) return false;
    tellWhole(this.#findings, line, line, { ...fault, kind: 'dma', shape: 'platform' });
    return true;
  }

  #releaseSmmu(): void {
    const open = this.#smmu;
    this.#smmu = undefined;
    if (open === undefined) return;
    const { event, first, latest } = open;
    const stream = event.streamId === undefined ? '' : `, StreamID 0x${event.streamId.toString(16)}`;
    tellWhole(
      this.#findings,
      first,
      latest,
      {
        architecture: 'smmu-v3',
        kind: 'dma',
        ...(event.operation === undefined ? {} : { operation: event.operation }),
        ...(event.requester === undefined ? {} : { requester: event.requester }),
        ...(event.address === undefined ? {} : { address: event.address }),
        ...(event.streamId === undefined ? {} : { stream: event.streamId }),
        reasonText: `${event.name}${stream}`,
        shape: 'smmu',
      },
      event.wordsToCome > 0 ? ['cut'] : [],
    );
  }
}
