import type { RemappingPlatform } from '@quiesce/machine';
import type { Evidence, Finding, Severity } from '@quiesce/report';

/** One thing that is to be said of a crash kernel's command line. */
export interface CommandLineFinding extends Finding {
  /** The parameter as it stands there, or as it should. */
  readonly parameter: string;
  /** Why. */
  readonly text: string;
  readonly evidence: readonly (Evidence & { readonly text: string })[];
}

/** What of a machine decides whether a command line suits it. */
export interface CrashMachineFacts {
  /** Functions that send messages for interrupts (MSI or MSI-X). */
  readonly interruptFunctions: number;
  /** Messages that they could send at most: table sizes of MSI-X, and of MSI where there is no MSI-X. */
  readonly messages: number;
  /** Root and downstream ports among the functions, each with an interrupt of its own for its services. */
  readonly ports: number;
  /** Ports with advanced error reporting or downstream port containment. */
  readonly containingPorts: number;
  /** Processors of the machine. */
  readonly processors?: number;
  /** A remapping unit has scalable mode. */
  readonly scalable: boolean;
  /** Drivers that are bound, without duplicates. */
  readonly drivers: readonly string[];
  /** Those of functions that the dump goes through. */
  readonly dumpDrivers?: readonly string[];
}

/** What is known beside the line itself; everything may be missing. */
export interface CommandLineContext {
  /** Release of the crash kernel. */
  readonly kernelRelease?: string;
  /** Command line of the kernel that crashes. */
  readonly firstCommandLine?: string;
  readonly platform?: RemappingPlatform;
  /** Whether DMA remapping is on in the kernel that crashes. */
  readonly translation?: 'on' | 'off' | 'unknown';
  readonly machine?: CrashMachineFacts;
}

/** Documents and sources that the rules follow. */
export const Rule = {
  parameters: 'Documentation/admin-guide/kernel-parameters.txt',
  kdump: 'Documentation/admin-guide/kdump/kdump.rst',
  kdumpUtils: 'kdump-utils, gen-kdump-sysconfig.sh',
} as const;

/** The same as an object, in fewer words. */
export function finding(
  severity: Severity,
  parameter: string,
  title: string,
  text: string,
  ...evidence: readonly (readonly [source: string, text: string])[]
): CommandLineFinding {
  return {
    severity,
    parameter,
    title,
    text,
    evidence: evidence.map(([source, says]) => ({ source, text: says })),
  };
}
