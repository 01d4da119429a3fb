import type { BundledFile, CaptureBundle } from '@quiesce/machine';
import { oneLine } from '../output/one-line.ts';
import { wrapText } from '../output/wrap-text.ts';

/**
 * What a capture holds, what it lacks and why, and what to do next.
 * @param file where it was written; undefined for standard output
 */
export function captureReport(bundle: CaptureBundle, file: string | undefined): string {
  const where = file === undefined ? 'the capture' : oneLine(file);
  const lines = [
    `${where}: ${contents(bundle.files).join('; ')}\n`,
    `taken ${bundle.privileged ? 'as root' : 'not as root: some of it only root may read'}\n`,
    ...redaction(bundle),
    ...missing(bundle),
  ];
  lines.push(
    'Read it before you pass it on: it is text.\n',
    `next: quiesce assess ${file === undefined ? 'FILE' : oneLine(file)}\n`,
  );
  return lines.join('');
}

function contents(files: readonly BundledFile[]): string[] {
  const spaces = files.filter((one) => /^sys\/bus\/pci\/devices\/[^/]+\/config$/.test(one.path));
  const whole = spaces.filter((one) => 'hex' in one && one.hex.length > 2 * 64);
  const tables = files.flatMap(({ path }) => /^sys\/firmware\/acpi\/tables\/(.+)$/.exec(path)?.[1] ?? []);
  const units = new Set(files.flatMap(({ path }) => /^sys\/class\/iommu\/([^/]+)\//.exec(path)?.[1] ?? []));
  const groups = new Set(
    files.flatMap(({ path }) => /^sys\/kernel\/iommu_groups\/(\d+)\//.exec(path)?.[1] ?? []),
  );
  const log = files.find(({ path }) => ['dmesg', 'journalctl', 'var/log/dmesg'].includes(path));
  return [
    `PCI functions ${spaces.length} (${whole.length} with more than 64 bytes of config space)`,
    tables.length === 0 ? 'no ACPI tables' : `ACPI tables ${tables.map(oneLine).join(', ')}`,
    `remapping units ${units.size}`,
    `IOMMU groups ${groups.size}`,
    log === undefined || !('text' in log)
      ? 'no kernel log'
      : `kernel log of ${log.text.split('\n').length - 1} lines`,
    `files ${files.length}`,
  ];
}

function redaction({ redacted }: CaptureBundle): string[] {
  if (redacted.length === 0) return ['nothing was redacted\n'];
  const found = redacted.filter((one) => !one.endsWith(': 0'));
  if (found.length === 0) return ['looked for things to redact and found none\n'];
  return [wrapText(`redacted ${found.join(', ')}`, 100)];
}

/** Reasons with what they kept out, the first few of each. */
function missing({ unread }: CaptureBundle): string[] {
  const reasons = new Map<string, string[]>();
  for (const { path, reason } of unread) reasons.set(reason, [...(reasons.get(reason) ?? []), oneLine(path)]);
  if (reasons.size === 0) return [];
  const shown = [...reasons].slice(0, 30).map(([reason, paths]) => {
    const rest = paths.length > 6 ? ` and ${paths.length - 6} more` : '';
    return wrapText(`${oneLine(reason)}: ${paths.slice(0, 6).join(', ')}${rest}`, 100, '  ');
  });
  const more = reasons.size > 30 ? [`  and for ${reasons.size - 30} further reasons\n`] : [];
  return ['not in it:\n', ...shown, ...more];
}
