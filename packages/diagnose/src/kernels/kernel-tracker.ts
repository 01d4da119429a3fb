import { type CarriedLine, versionOfBanner } from '@quiesce/machine';
import type { BootPhase } from '../diagnosis.ts';
import { KernelRecord, signsOf } from './kernel-record.ts';
import { follows, phaseOf } from './landmarks.ts';
import { wallSeconds } from './log-clock.ts';

/** Boots of one file that are told apart; the last one takes all that follows. */
const MAX_KERNELS = 64;
/** A stamp is near boot below this, in seconds, and far from it when it is ahead by more. */
const NEAR_BOOT = 3;
/** From here on, in seconds, a kernel runs: without a banner, and with one, as large machines need minutes. */
const RUNS_UNSEEN = 60;
const RUNS_SURELY = 300;
const MAX_COMMAND_LINE = 4096;

const BANNER = /^Linux version (\S{1,120})(?: |$)/;
const COMMAND_LINE = /^(?:Kernel command line|Command line): (.*)$/;
/** What stands in /proc/cmdline, pasted. */
const BARE_COMMAND_LINE = /^BOOT_IMAGE=\S/;
/** `CPU: 1 PID: 1285 Comm: bash Not tainted 5.4.0-rc2+ #2704`. */
const IN_TRACE = /\b(?:Not tainted|Tainted: [A-Z ]{1,40}?(?:-{4,20} ?)?[A-Z ]{0,20}) (\d\.\d{1,3}\S{0,60}) #/;
const LEADS_IN =
  /\bSeaBIOS \(|\biPXE\b|GNU GRUB|^Booting `|^EFI stub: |^Decompressing Linux|^early console in|I'm in purgatory|^Xen version \d|^-- (?:Reboot|Boot [0-9a-f]{1,32}) --$/;

const FAULT = /fault (?:addr |index |status reg |reason )/;

/** Where a line stands. */
export interface KernelPlace {
  readonly kernel: number;
  readonly phase: BootPhase;
}

/** Parts a log into kernels, and each kernel's life into phases. */
export class KernelTracker {
  readonly kernels: KernelRecord[] = [];
  readonly #note: (line: number, message: string) => void;
  /** True since a line that only leads in to a boot: its banner does not begin another. */
  #awaitingBanner = false;
  #wall: number | undefined;
  #bannerSequence = -1;
  #bannerText = '';
  /** Kernel of the line under way: the last one, but where a journal tells boots apart that lie beside each other. */
  #now: KernelRecord | undefined;
  #boot: string | undefined;
  readonly #boots = new Map<string, KernelRecord>();
  #sequence = 0;

  constructor(note: (line: number, message: string) => void) {
    this.#note = note;
  }

  /** Says where a line stands, after it has begun what it begins. */
  read(
    message: string,
    carried: CarriedLine,
    { number: line, sequence }: { readonly number: number; readonly sequence: number },
  ): KernelPlace {
    this.#sequence = sequence;
    if (carried.boot !== undefined && carried.boot !== this.#boot) this.#readBoot(carried.boot, line);
    if (!message.startsWith('DMAR')) this.#readBoundary(message, carried, line);
    else this.#readStamp(carried, line);
    const kernel = this.#current(line);
    this.#readTime(carried, kernel, line);
    // Logs may have millions of these, and they tell nothing of the kernel.
    if (FAULT.test(message)) return { kernel: kernel.index, phase: kernel.phase };
    const said = phaseOf(message);
    const at: BootPhase = kernel.phase;
    const begins = said !== undefined && follows(said.phase, at);
    if (begins) {
      const { seconds } = carried;
      const firstLine = said.after ? line + 1 : line;
      kernel.phases.push({ phase: said.phase, firstLine, ...(seconds === undefined ? {} : { seconds }) });
    }
    for (const sign of signsOf(message)) kernel.see(sign, line);
    this.#readFacts(message, kernel, line);
    const ofKernel = carried.seconds !== undefined || carried.tag === 'kernel' || begins;
    if (kernel.inventory.read(message, line) || ofKernel) kernel.content++;
    return { kernel: kernel.index, phase: begins && said.after ? at : kernel.phase };
  }

  /** Another boot ID is another kernel; the first one only gives a name to what came before. */
  #readBoot(boot: string, line: number): void {
    const known = this.#boots.get(boot);
    if (known !== undefined) this.#now = known;
    else if (this.#boot !== undefined) {
      this.#begin(line, 'boot-id');
      this.#awaitingBanner = true;
    }
    this.#boot = boot;
    if (this.#boots.size < MAX_KERNELS) this.#boots.set(boot, this.#current(line));
  }

  #readBoundary(message: string, carried: CarriedLine, line: number): void {
    const latest = this.#now;
    if ((carried.seconds === undefined || carried.xen) && LEADS_IN.test(message)) {
      const unbegun = latest !== undefined && latest.release === undefined && isFresh(latest, this.#sequence);
      const ofLinux = /^(?:EFI stub|Decompressing|early console|I'm in)/.test(message);
      if (!this.#awaitingBanner && !unbegun) this.#begin(line, ofLinux ? 'banner' : 'firmware');
      this.#awaitingBanner = true;
      return;
    }
    const banner = BANNER.exec(message);
    if (banner !== null) {
      this.#readBanner(banner[1] as string, message, carried, line);
      return;
    }
    this.#readStamp(carried, line);
  }

  /** A time since boot that goes back to its start: another kernel. */
  #readStamp(carried: CarriedLine, line: number): void {
    const latest = this.#now;
    const { seconds } = carried;
    if (seconds !== undefined && seconds > NEAR_BOOT) this.#awaitingBanner = false;
    // A journal says itself which boot an entry is of.
    if (carried.boot !== undefined) return;
    if (latest?.seconds === undefined || seconds === undefined || this.#awaitingBanner) return;
    if (seconds > NEAR_BOOT || latest.seconds - seconds <= NEAR_BOOT) return;
    const wall = wallSeconds(carried.stamp);
    if (wall !== undefined && this.#wall !== undefined && wall <= this.#wall) {
      // Both clocks go back: a mail shows an earlier part of the log later.
      latest.seconds = seconds;
      this.#note(line, 'both clocks go back: an earlier part of the log, taken as the same kernel');
      return;
    }
    this.#begin(line, 'time');
  }

  #readBanner(release: string, message: string, carried: CarriedLine, line: number): void {
    const latest = this.#now;
    const unstamped = carried.seconds === undefined && latest?.seconds !== undefined && latest.seconds > 0;
    if (
      unstamped &&
      carried.stamp === undefined &&
      latest?.release !== undefined &&
      latest.phase !== 'crash'
    ) {
      this.#note(
        line,
        'a banner without a time among lines that have one: taken for a copy of /proc/version',
      );
      return;
    }
    // A console that is registered later prints it all again, or two daemons log the same.
    if (message === this.#bannerText && this.#sequence - this.#bannerSequence <= 2) return;
    const isLeadIn =
      this.#awaitingBanner ||
      (latest !== undefined && latest.release === undefined && isFresh(latest, this.#sequence));
    const kernel = isLeadIn && latest !== undefined ? latest : this.#begin(line, 'banner');
    this.#awaitingBanner = false;
    this.#bannerSequence = this.#sequence;
    this.#bannerText = message;
    if (kernel.phase === 'unknown') kernel.phases = [{ phase: 'early-boot', firstLine: kernel.firstLine }];
    kernel.hasBanner = true;
    kernel.release = release;
    kernel.seconds = carried.seconds;
    const version = versionOfBanner(message);
    if (version !== undefined) kernel.version = version;
  }

  #readTime(carried: CarriedLine, kernel: KernelRecord, line: number): void {
    const wall = wallSeconds(carried.stamp);
    if (wall !== undefined) this.#wall = wall;
    const { seconds } = carried;
    if (seconds === undefined) return;
    kernel.seconds = Math.max(kernel.seconds ?? 0, seconds);
    // Where the lines that tell are missing, the time does.
    const runs = kernel.phase === 'unknown' ? seconds >= RUNS_UNSEEN : seconds >= RUNS_SURELY;
    if (runs && follows('running', kernel.phase))
      kernel.phases.push({ phase: 'running', firstLine: line, seconds });
  }

  #readFacts(message: string, kernel: KernelRecord, line: number): void {
    const said = COMMAND_LINE.exec(message);
    const commandLine = said?.[1] ?? (BARE_COMMAND_LINE.test(message) ? message : undefined);
    if (commandLine !== undefined) {
      kernel.commandLine ??= commandLine.slice(0, MAX_COMMAND_LINE).trim();
      if (/(?:^| )elfcorehdr=/.test(commandLine)) kernel.see('elfcorehdr', line);
      if (/(?:^| )crashkernel=/.test(commandLine)) kernel.see('crashkernel', line);
      if (/(?:^| )reset_devices(?: |$)/.test(commandLine)) kernel.see('reset-devices', line);
      kernel.release ??= /BOOT_IMAGE=\S*vmlinu[xz]-(\d\S*)/.exec(commandLine)?.[1];
    }
    kernel.release ??= IN_TRACE.exec(message)?.[1];
  }

  #current(line: number): KernelRecord {
    return this.#now ?? this.#begin(line, 'start');
  }

  /** A fault or an event was found in the kernel under way. */
  sawContent(): void {
    if (this.#now !== undefined) this.#now.content++;
  }

  #begin(line: number, by: KernelRecord['beginsBy']): KernelRecord {
    const latest = this.kernels.at(-1);
    if (latest !== undefined && this.kernels.length >= MAX_KERNELS) {
      this.#note(line, `more than ${MAX_KERNELS} boots: this one is taken as a part of the last`);
      return latest;
    }
    const first = { number: by === 'start' ? 1 : line, sequence: this.#sequence };
    const kernel = new KernelRecord(this.kernels.length, first, by);
    this.#now = kernel;
    this.kernels.push(kernel);
    return kernel;
  }
}

/** A kernel of which nothing has been seen but a few lines, or prose only. */
function isFresh(kernel: KernelRecord, sequence: number): boolean {
  if (kernel.content === 0) return true;
  // Old kernels print a few lines at time 0 before their banner.
  if (kernel.beginsBy === 'start') return kernel.seconds === 0 && sequence <= 50;
  return (
    kernel.signs.size === 0 &&
    kernel.phases.length === 1 &&
    sequence - kernel.firstSequence <= 20 &&
    (kernel.seconds ?? 0) < 1
  );
}
