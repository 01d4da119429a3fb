import {
  type ImportedCapture,
  type KernelFactName,
  type KernelOrigin,
  kernelHas,
  kernelOrigin,
} from '@quiesce/machine';
import type {
  Diagnosis,
  FaultGroup,
  LogEvent,
  LoggedKernel,
  LoggedRequester,
  RequesterTie,
} from '../diagnosis.ts';
import { shownRequester } from '../ties/tie-requesters.ts';
import { type ReasonClass, reasonClass } from './reason-classes.ts';

/** What searches for causes ask of a log: all of it bounded, nothing of it changed. */
export class LogFacts {
  readonly diagnosis: Diagnosis;
  readonly capture: ImportedCapture | undefined;
  readonly #ties: Map<string, RequesterTie>;

  constructor(diagnosis: Diagnosis, capture?: ImportedCapture) {
    this.diagnosis = diagnosis;
    this.capture = capture;
    this.#ties = new Map(diagnosis.ties.map((tie) => [tie.requester, tie]));
  }

  get groups(): readonly FaultGroup[] {
    return this.diagnosis.faults.groups;
  }

  /** Groups of faults of VT-d under Linux with a reason of one of these classes. */
  vtd(...classes: readonly ReasonClass[]): FaultGroup[] {
    return this.groups.filter(
      ({ example }) => example.architecture === 'vt-d' && classes.includes(reasonClass(example.reason)),
    );
  }

  /** Groups of DMA faults of VT-d under Linux, those included whose reason was lost. */
  vtdDma(): FaultGroup[] {
    return this.groups.filter(({ example }) => example.architecture === 'vt-d' && example.kind === 'dma');
  }

  vtdInterrupts(): FaultGroup[] {
    return this.groups.filter(
      ({ example }) => example.architecture === 'vt-d' && example.kind === 'interrupt',
    );
  }

  events(...kinds: readonly LogEvent['kind'][]): LogEvent[] {
    return this.diagnosis.events.filter((event) => kinds.includes(event.kind));
  }

  kernel(index: number): LoggedKernel | undefined {
    return this.diagnosis.kernels[index];
  }

  /** A kernel that boots over the hardware of a dead one, as far as the log says. */
  isCrashKernel(index: number): boolean {
    const kernel = this.kernel(index);
    if (kernel === undefined) return false;
    if (kernel.role === 'crash') return true;
    if (kernel.role !== 'only') return false;
    const left = ['copied', 'copy-failed'];
    return (
      left.includes(kernel.dmaTables) ||
      left.includes(kernel.interruptTables) ||
      (kernel.commandLine?.includes('elfcorehdr=') ?? false)
    );
  }

  get crashKernels(): LoggedKernel[] {
    return this.diagnosis.kernels.filter((kernel) => this.isCrashKernel(kernel.index));
  }

  /** The kernel is known to be one that ran before a crash, or after it, or nothing tells of a crash. */
  isNormalKernel(index: number): boolean {
    return !this.isCrashKernel(index);
  }

  /** DMA faults among `groups` of kernels that nothing shows to be crash kernels. */
  inNormalKernels(groups: readonly FaultGroup[]): FaultGroup[] {
    return groups.filter((group) => this.isNormalKernel(group.kernel) && group.example.kind === 'dma');
  }

  /** What a kernel is built from, by its release, or by the version that its banner adds. */
  origin(index: number): KernelOrigin | undefined {
    const kernel = this.kernel(index);
    const said = kernel?.version ?? kernel?.release;
    return said === undefined ? undefined : kernelOrigin(said);
  }

  /** Whether a kernel of this version does something; undefined if its version is not known, or not that of it. */
  behaves(index: number, fact: KernelFactName): boolean | undefined {
    const origin = this.origin(index);
    return origin === undefined ? undefined : kernelHas(origin.version, fact);
  }

  /** Value of a parameter on a kernel's command line; the empty string if it has none, undefined if it is not there. */
  parameter(index: number, name: string): string | undefined {
    const words = this.kernel(index)?.commandLine?.split(/\s+/) ?? [];
    const word = words.findLast((one) => one === name || one.startsWith(`${name}=`));
    return word === undefined ? undefined : word.slice(name.length + 1);
  }

  tie(requester: LoggedRequester | undefined): RequesterTie | undefined {
    return requester === undefined ? undefined : this.#ties.get(shownRequester(requester));
  }

  /** So many messages, in lines of the file. */
  lines(messages: number): number {
    return messages * (this.diagnosis.linesPerMessage ?? 1);
  }

  /** Events of one kind not further than so many messages from a group's first or last line. */
  near(group: FaultGroup, messages: number, ...kinds: readonly LogEvent['kind'][]): LogEvent[] {
    return this.events(...kinds).filter(
      (event) =>
        event.line >= group.firstLine - this.lines(messages) &&
        event.line <= group.lastLine + this.lines(messages) &&
        event.kernel === group.kernel,
    );
  }
}

/** The first and the last lines of groups, bounded. */
export function linesOf(groups: readonly FaultGroup[]): number[] {
  const lines = new Set<number>();
  for (const group of groups) {
    if (lines.size >= 12) break;
    lines.add(group.firstLine);
    lines.add(group.lastLine);
  }
  return [...lines].sort((a, b) => a - b);
}

/** Lines of events, bounded. */
export function eventLines(events: readonly LogEvent[]): number[] {
  return [...new Set(events.slice(0, 12).map((event) => event.line))];
}

/** How many faults the groups have. */
export function countOf(groups: readonly FaultGroup[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0);
}

/** `04:00.0, 05:00.0`, bounded: requesters of groups. */
export function requestersOf(groups: readonly FaultGroup[]): string {
  const names = new Set<string>();
  for (const { example } of groups)
    if (example.requester !== undefined) names.add(shownRequester(example.requester));
  const shown = [...names].slice(0, 6).join(', ');
  return names.size > 6 ? `${shown} and ${names.size - 6} others` : shown;
}
