import { closeSync, existsSync, fchownSync, openSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { captureScript, collectCapture } from '@quiesce/capture';
import { UserError } from '@quiesce/simulation';
import type { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import type { CommandIo } from '../program.ts';
import { captureReport } from './capture-report.ts';

interface CaptureOptions {
  readonly output?: string;
  readonly root: string;
  readonly redact: boolean;
  readonly script?: true;
}

const usualName = 'quiesce-capture.json';

/** `quiesce capture [-o FILE] [--no-redact] [--root DIR]`, `quiesce capture --script` */
export function addCapture(program: Command, io: CommandIo): void {
  program
    .command('capture')
    .description(
      'put what says how devices, DMA remapping and kdump of this Linux machine are set up into one file, redacted',
    )
    .option('-o, --output <file>', `where to write it; "-" is standard output (default: ${usualName})`)
    .option('--root <folder>', "folder with a machine's proc, sys and etc", '/')
    .option('--no-redact', 'leave addresses, names and serial numbers as they stand')
    .option('--script', 'print a shell script that does the same on a machine without Node')
    .action((options: CaptureOptions) => {
      if (options.script === true) {
        io.stdout.write(captureScript());
        return;
      }
      capture(options, io);
    });
}

function capture({ output, root, redact }: CaptureOptions, io: CommandIo): void {
  const name = output ?? usualName;
  const file = resolve(io.cwd, name);
  if (output === undefined && existsSync(file)) {
    throw new UserError('CAPTURE_EXISTS', 'there is such a file already', {
      expected: 'the name of another with -o, or of this one to replace it',
      place: { file: name },
    });
  }
  if (root === '/' && process.platform !== 'linux') {
    throw new UserError('CAPTURE_PLATFORM', `captures are taken on Linux, this is ${process.platform}`, {
      expected: "a machine's files with --root, or the script of --script on a Linux machine",
    });
  }
  const say = (what: string): void => {
    if (io.stderr.isTTY === true) io.stderr.write(`\r\u001b[K${what}`);
  };
  const bundle = collectCapture({
    root: resolve(io.cwd, root),
    redact,
    tool: `quiesce ${manifest.version}`,
    onProgress: say,
  });
  say('');
  const json = `${JSON.stringify(bundle, undefined, 1)}\n`;
  if (name === '-') {
    io.stdout.write(json);
    io.stderr.write(captureReport(bundle, undefined));
  } else {
    write(file, json, output === undefined);
    io.stdout.write(captureReport(bundle, name));
  }
}

/**
 * Writes for the user alone: of a machine's inside, redacted as it may be, nobody else on it needs to know. Under sudo that
 * is who called it. A name that was not chosen is not followed where somebody else may have laid a link.
 */
function write(file: string, json: string, fresh: boolean): void {
  const handle = openSync(file, fresh ? 'wx' : 'w', 0o600);
  try {
    writeFileSync(handle, json);
    const user = Number(process.env.SUDO_UID ?? Number.NaN);
    const group = Number(process.env.SUDO_GID ?? Number.NaN);
    if (fresh && process.getuid?.() === 0 && Number.isInteger(user) && Number.isInteger(group)) {
      fchownSync(handle, user, group);
    }
  } finally {
    closeSync(handle);
  }
}
