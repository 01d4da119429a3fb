import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import type { CaptureBundle } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import { hostNamesOf, namesInHosts } from '../redaction/host-names.ts';
import { Placeholders } from '../redaction/placeholders.ts';
import { redactFiles, redactUnread } from '../redaction/redact-files.ts';
import { type RunCommand, runHere } from './boot-log.ts';
import { collectBootLog } from './collect-boot-log.ts';
import { collectDumpPath } from './collect-dump-path.ts';
import { collectFunctions } from './collect-functions.ts';
import { collectHost } from './collect-host.ts';
import { collectRemapping } from './collect-remapping.ts';
import { MachineReader } from './machine-reader.ts';

/** How a capture is taken. Everything has a default. */
export interface CollectOptions {
  /** Folder under which `proc`, `sys` and `etc` of the machine stand; default `/`, this machine. */
  readonly root?: string;
  /** What is written into the capture as its time; default the clock's. */
  readonly now?: Date;
  /** What is written into it as what took it; default `quiesce`. */
  readonly tool?: string;
  /** False leaves everything as it stands. Default true. */
  readonly redact?: boolean;
  /** Whether it is root who reads; default as the process says. */
  readonly privileged?: boolean;
  /** How `dmesg` and `journalctl` are run, on this machine only. */
  readonly run?: RunCommand;
  /** Milliseconds after which nothing more is read; what is left out is listed. Default 60,000. */
  readonly timeLimitMs?: number;
  /** Told what is read. */
  readonly onProgress?: (what: string) => void;
}

/** Files and unread files that a capture has at most, as its schema says. */
const maxFiles = 100_000;

/**
 * Takes what says how a Linux machine's devices, remapping and kdump are set up. It reads, as root or not, and writes
 * nothing; no read has an effect on the machine. What cannot be read is in `unread`, with the reason. Redacted unless that
 * is switched off: `redacted` then lists each kind with the number of replacements.
 * @throws UserError `CAPTURE_ROOT` if there is no such folder
 */
export function collectCapture(options: CollectOptions = {}): CaptureBundle {
  const { root = '/', now = new Date(), tool = 'quiesce', redact = true, onProgress = () => {} } = options;
  const privileged = options.privileged ?? process.getuid?.() === 0;
  const end = performance.now() + (options.timeLimitMs ?? 60_000);
  if (!existsSync(root)) {
    throw new UserError('CAPTURE_ROOT', 'there is no such folder', {
      expected: "a folder with a machine's proc, sys and etc",
      place: { file: root },
    });
  }
  const reader = new MachineReader(root, { privileged, maxFiles, outOfTime: () => performance.now() > end });
  onProgress('kernel and kdump');
  collectHost(reader, privileged);
  onProgress('remapping units and groups');
  collectRemapping(reader);
  onProgress('functions');
  collectFunctions(reader, onProgress);
  onProgress('disks and networks');
  collectDumpPath(reader);
  onProgress('kernel log');
  collectBootLog(reader, options.run ?? (reader.root === '/' ? runHere : undefined));

  const placeholders = new Placeholders();
  const names = redact ? hostNamesOf(namesOf(reader)) : [];
  const files = redact ? redactFiles(reader.files, placeholders, names) : reader.files;
  const unread = redact ? reader.unread.map((one) => redactUnread(one, placeholders, names)) : reader.unread;
  return {
    schema: 'quiesce/capture/1',
    tool,
    taken: `${now.toISOString().slice(0, 19)}Z`,
    privileged,
    redacted: redact ? placeholders.counts().map(({ kind, count }) => `${kind}: ${count}`) : [],
    files,
    unread,
  };
}

/** What the machine is called; that is looked at to redact it, not kept. */
function namesOf(reader: MachineReader): string[] {
  return [
    ...(reader.root === '/' ? [hostname()] : []),
    reader.peek('proc/sys/kernel/hostname') ?? '',
    ...(reader.peek('etc/hostname') ?? '').split('\n'),
    ...namesInHosts(reader.peek('etc/hosts') ?? ''),
  ];
}
