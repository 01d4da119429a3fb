import type { Stated } from './host-facts.ts';
import type { ShellAssignment } from './shell-assignments.ts';

/** `nfs server:/export`, `ext4 UUID=…`, `path /var/crash` of kdump.conf(5). */
const target = /^(ext[234]|xfs|btrfs|minix|raw|nfs[34]?|net|ssh|virtiofs)\s+(\S+)/;
/** `dracut_args --mount "/dev/sdb1 /kdump ext4 defaults"`, which kdump takes for a target as well. */
const mountArgument = /--mount[= \t]+["']?([^\s"']{1,500})\s+\S{1,500}\s+([a-z0-9]{1,20})/;
const pathLine = /^path\s+(\S+)/;

/**
 * Where the dump goes, by `/etc/kdump.conf` of Fedora and RHEL: a target, and the path on it. Without a target it is the root
 * file system, without a path `/var/crash`.
 */
export function destinationOfKdumpConf(text: string, file: string, firstLine: number): Stated<string> {
  let found: { readonly value: string; readonly line: number } | undefined;
  let path: { readonly value: string; readonly line: number } | undefined;
  for (const [index, raw] of text
    .slice(0, 256 * 1024)
    .split('\n')
    .entries()) {
    const line = raw.trim();
    const named = target.exec(line);
    if (named !== null) found = { value: `${named[1]} ${named[2]}`, line: firstLine + index };
    const mount =
      named === null && line.startsWith('dracut_args') ? mountArgument.exec(line.slice(0, 4096)) : null;
    if (mount !== null) found ??= { value: `${mount[2]} ${mount[1]}`, line: firstLine + index };
    const onIt = pathLine.exec(line);
    if (onIt !== null) path = { value: onIt[1] as string, line: firstLine + index };
  }
  const at = found ?? path;
  const value = [...(found === undefined ? [] : [found.value]), path?.value ?? '/var/crash'].join(' ');
  return { value, file, ...(at === undefined ? {} : { line: at.line }) };
}

/** Variables that name a destination, most specific first: kdump-tools (Debian) and kdump (SUSE). */
const variables: readonly (readonly [name: string, prefix: string])[] = [
  ['SSH', 'ssh '],
  ['NFS', 'nfs '],
  ['FTP', 'ftp '],
  ['KDUMP_SAVEDIR', ''],
  ['KDUMP_COREDIR', ''],
];

/** Where the dump goes, by shell variables; undefined if none says it. */
export function destinationOfVariables(
  set: ReadonlyMap<string, ShellAssignment>,
  file: string,
  firstLine: number,
): Stated<string> | undefined {
  for (const [name, prefix] of variables) {
    const found = set.get(name);
    if (found === undefined || found.value.trim() === '') continue;
    return { value: `${prefix}${found.value.trim()}`, file, line: firstLine + found.line - 1 };
  }
  return undefined;
}
