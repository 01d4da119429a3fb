import type { SourceKind } from './imported-capture.ts';
import { kindOfCommand, kindOfPath } from './kind-of-path.ts';

/** What begins a section of a report. */
export interface SectionHeading {
  /** As it stands there: `/proc/iomem`, `/usr/bin/lspci -nn`. */
  readonly title: string;
  /** Undefined if the section holds nothing of use. */
  readonly kind: SourceKind | undefined;
  /** Path on the machine without the leading slash, if the section is a file. */
  readonly path?: string;
}

const starred = /^\*\*\* (\/\S+)(.*)$/;
const headed = /^==> (\/?\S+) <==$/;
const prompt =
  /^(?:\[[^\]]{1,60}\]|[^\s#$>]{1,60})?(?:[:~][^\s#$]{0,60} ?)?[#$] ?((?:sudo )?[a-z/][^|;&<>]{2,150})$/;
const bareCommand =
  /^((?:\/usr)?\/s?bin\/)?(lspci|dmesg|journalctl|cat|acpidump)((?: +(?:-\S+|\/\S+|"[^"]*"))*) *:?$/;
/** A rule that nvidia-bug-report.sh puts before each section. */
const rule = /^_{20,}$/;

/** Whether a line is a rule between sections. */
export function isSectionRule(line: string): boolean {
  return line.charCodeAt(0) === 95 && rule.test(line);
}

/**
 * The heading of a section: `*** /proc/iomem` of nvidia-bug-report, `==> /proc/iomem <==` of tail, a command at a prompt
 * (`# lspci -vv`) or alone on its line.
 */
export function sectionHeading(line: string): SectionHeading | undefined {
  const first = line.charCodeAt(0);
  if (line.length > 240 || first <= 32) return undefined;
  const file = (first === 42 ? starred : first === 61 ? headed : undefined)?.exec(line);
  if (file !== undefined && file !== null) {
    const path = (file[1] as string).replace(/^\/+/, '');
    // `*** /etc/x does not exist` is a heading of nothing.
    const kind = (file[2] ?? '') === '' ? kindOfPath(path) : undefined;
    return { title: `${file[1]}${file[2] ?? ''}`, kind, path };
  }
  const bare = bareCommand.exec(line);
  const command = bare === null ? prompt.exec(line)?.[1] : line.replace(/:$/, '');
  if (command === undefined) return undefined;
  const kind = kindOfCommand(command);
  // A comment looks like a command at a prompt: unknown ones count only where the prompt names a user.
  if (kind === undefined && bare === null && !line.includes('@')) return undefined;
  const path = /^(?:sudo )?cat \/(\S+)$/.exec(command)?.[1];
  return { title: command, kind, ...(path === undefined ? {} : { path }) };
}
