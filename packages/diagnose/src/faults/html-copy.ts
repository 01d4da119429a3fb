import { faultOf, parseVtdFault } from '../lines/vtd-fault-line.ts';
import type { FoundFault, LogLine } from './found-fault.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  '#39': "'",
  nbsp: ' ',
};
const MAX_PIECES = 5000;

/** True for a line of a mail's HTML part. */
export function isHtml(raw: string): boolean {
  return raw.includes('<') && /<(?:div|br|p|span|pre|td|html)[ >/]/i.test(raw);
}

/** Faults in a line of HTML: mails have such a copy of their text, and some have nothing else. */
export function faultsInHtml(line: LogLine): readonly FoundFault[] {
  const pieces = line.raw.split(/<[^<>]{0,2000}>/, MAX_PIECES);
  return pieces.flatMap((piece): FoundFault[] => {
    const text = piece.replace(/&(lt|gt|amp|quot|#39|nbsp);/g, (_, name: string) => ENTITIES[name] as string);
    const parsed = parseVtdFault(text);
    if (parsed === undefined || parsed.impossible !== undefined || parsed.requester === undefined) return [];
    if (parsed.stage !== 'reason' && parsed.stage !== 'target') return [];
    const fault = faultOf(parsed);
    return [
      {
        fault: { ...fault, damage: [...fault.damage, 'html'], line: line.number, kernel: line.kernel },
        phase: line.phase,
      },
    ];
  });
}
