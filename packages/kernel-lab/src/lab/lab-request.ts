import type { Machine } from '@quiesce/machine';
import type { StrategyPlugin } from '@quiesce/strategy';
import type { RunAccount } from '../account/account.ts';
import type { LabVariant } from './lab-variant.ts';

/** A kernel that a user built. */
export interface OwnKernel {
  /** A bzImage or a vmlinux, absolute path. */
  readonly image: string;
  /** The folder that `make modules_install` wrote (`…/lib/modules/RELEASE`), absolute path; default: all is built in. */
  readonly modules?: string;
}

/** A strategy, as a run of the lab needs it: a worker loads the module again. */
export interface LabStrategy {
  /** Specifier or absolute path of the module whose default export is the plugin. */
  readonly module: string;
  // biome-ignore lint/suspicious/noExplicitAny: options of any plugin
  readonly plugin: StrategyPlugin<any>;
  /** As a user writes them. */
  readonly options?: unknown;
}

/** What a run of the lab says of its progress, one line a step. */
export interface LabProgress {
  /** From 0. */
  readonly run: number;
  readonly step: string;
}

/** Crashes of one real kernel on one machine with one strategy. */
export interface LabRequest {
  readonly machine: Machine;
  readonly strategy: LabStrategy;
  /** A kernel of the lab by name, `debian-6.1`, `debian-6.12`, `debian-6.1.187`, or one of the user's own. */
  readonly kernel: string | OwnKernel;
  readonly variant: LabVariant;
  /** Number of crashes, at least 1. */
  readonly runs: number;
  /** Boots and crashes the first kernel for each run, instead of going on from a snapshot in setup_arch; default false. */
  readonly fresh?: boolean;
  /** Folder that keeps consoles and traces of each run; default: none is kept. */
  readonly keep?: string;
  /** Ends the run, and its QEMU, at any moment. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LabProgress) => void;
}

/** One crash of a real kernel, as the lab saw it. */
export interface LabObservation {
  readonly account: RunAccount;
  /** Files of the run that were kept: absolute paths by what they hold (`console`, `trace`, …). */
  readonly files: Readonly<Record<string, string>>;
  /** Wall clock, seconds. */
  readonly seconds: number;
}

/** What {@link LabRequest} came to. */
export interface LabResult {
  /** `uname -r` of the kernel that ran. */
  readonly kernelRelease: string;
  /** Version of the kernel itself, as its package or banner says it: `6.1.192`. */
  readonly kernelVersion: string;
  /** As QEMU says it: `7.2.22`. */
  readonly qemuVersion: string;
  /** Modules of the lab's devices that the kernel has neither as modules nor built in: those stay idle. */
  readonly absentModules?: readonly string[];
  readonly observations: readonly LabObservation[];
}
