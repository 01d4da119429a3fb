import type { CapturedFile } from './captured-file.ts';
import { capturedText, isText } from './captured-text.ts';
import { cutSections, type TextSection } from './cut-sections.ts';
import type { SourceKind } from './imported-capture.ts';
import { kindOfPath } from './kind-of-path.ts';
import { machinePath } from './machine-path.ts';

/** Recognition by content looks at no more than this of a file. */
const LOOKED_AT = 256 * 1024;

/**
 * What a file is taken for: by its path where it stands where machines have it (`proc/iomem`, `sys/…`), else by its content.
 * A text with several sections is what most of its recognised lines are; a report is named as such.
 */
export function recogniseFile(file: CapturedFile): SourceKind {
  const path = machinePath(file.path);
  const byPath = path === undefined ? undefined : kindOfPath(path);
  if (byPath !== undefined) return byPath;
  if (file.link !== undefined) return 'unknown';
  if (typeof file.content !== 'string' && isAcpiTable(file.content)) return 'acpi-table';
  if (!isText(file)) return 'unknown';
  const text = capturedText(file, LOOKED_AT);
  return recogniseText(text) ?? mostOf(cutSections(text, file.path).sections);
}

/** What the text as a whole says: a bundle, a report, a single line that is a kernel's command line. */
export function recogniseText(text: string): SourceKind | undefined {
  const start = text.slice(0, 4096).trimStart();
  if (start.startsWith('{') && start.includes('"quiesce/capture/')) return 'capture-bundle';
  if (isCommandLine(text)) return 'command-line';
  if (/^_{20,}\s+Start of NVIDIA bug report/.test(start)) return 'nvidia-bug-report';
  return undefined;
}

const commandLine = /(?:^| )(?:BOOT_IMAGE|root|crashkernel|console|intel_iommu|amd_iommu|iommu)=\S/;

function isCommandLine(text: string): boolean {
  if (text.length > 8192) return false;
  const line = text.trim();
  return !line.includes('\n') && commandLine.test(line) && !/[{}<>]|^\[|: /.test(line);
}

/** Header of an ACPI table: four capitals or digits, a length that the file has, a sum that is zero or near its end. */
export function isAcpiTable(bytes: Uint8Array): boolean {
  if (bytes.length < 36) return false;
  for (let i = 0; i < 4; i++) {
    const code = bytes[i] as number;
    if (!(code >= 65 && code <= 90) && !(code >= 48 && code <= 57) && code !== 95 && code !== 33)
      return false;
  }
  // In text, the length would be of printable characters: hundreds of millions.
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return length >= 36 && length < 0x2000_0000;
}

function mostOf(sections: readonly TextSection[]): SourceKind {
  let best: TextSection | undefined;
  for (const one of sections) {
    if (one.kind !== 'unknown' && one.text.length > (best?.text.length ?? 0)) best = one;
  }
  return best?.kind ?? 'unknown';
}
