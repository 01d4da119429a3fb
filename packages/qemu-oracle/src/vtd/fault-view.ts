/** What the only fault recording register tells of a fault. */
export interface RecordedFault {
  readonly reason: number;
  readonly sourceId: number;
  /** Page address, split as the register has it. */
  readonly low: number;
  readonly high: number;
  readonly read: boolean;
  /** PP: the request had a PASID. */
  readonly withPasid: boolean;
}

const FAULT = 0x8000_0000;
const READ = 0x4000_0000;
/** PFO, PPF and FRI. IQE is not of requests, and is read by scenarios where it counts. */
const STATUS = 0xff03;

/** The recorded fault of a log, or undefined when there is none. PV means nothing without PP (VT-d 10.4.14). */
export function recordedFault(log: readonly number[]): RecordedFault | undefined {
  const [, low = 0, high = 0, source = 0, top = 0] = log;
  if ((top & FAULT) === 0) return undefined;
  return {
    reason: top & 0xff,
    sourceId: source & 0xffff,
    low,
    high,
    read: (top & READ) !== 0,
    withPasid: (source & FAULT) !== 0,
  };
}

/** FSTS without bits that are not compared. */
export function faultStatus(log: readonly number[]): number {
  return (log[0] as number) & STATUS;
}

/** What there is to see of a request on an empty log: where it went, and the fault. One line, equal if they are. */
export function requestView(target: number, fault: RecordedFault | undefined): string {
  const where = target < 0 ? 'nowhere' : `target ${target}`;
  if (fault === undefined) return `${where}, no record`;
  const { reason, sourceId, low, high, read, withPasid } = fault;
  const page = high * 0x1_0000_0000 + low;
  return `${where}, reason 0x${reason.toString(16)} source 0x${sourceId.toString(16)} page 0x${page.toString(16)} ${read ? 'read' : 'write'}${withPasid ? ' with PASID' : ''}`;
}
