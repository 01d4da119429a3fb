import type { Evidence, Finding, ReportBlock, ReportSection } from '@quiesce/report';

const CASE = 'case ';

/** Sections in which each case of the public record that is named as evidence has its title. */
export function withCaseTitles(
  sections: readonly ReportSection[],
  titles: ReadonlyMap<string, string>,
): ReportSection[] {
  return sections.map((section) => ({
    ...section,
    blocks: section.blocks.map((block) => titled(block, titles)),
  }));
}

function titled(block: ReportBlock, titles: ReadonlyMap<string, string>): ReportBlock {
  if (block.kind !== 'findings') return block;
  const findings = block.findings.map(
    (one): Finding => ({
      ...one,
      evidence: one.evidence.map((evidence) => titledEvidence(evidence, titles)),
    }),
  );
  return { ...block, findings };
}

function titledEvidence(evidence: Evidence, titles: ReadonlyMap<string, string>): Evidence {
  if (evidence.text !== undefined || !evidence.source.startsWith(CASE)) return evidence;
  const title = titles.get(evidence.source.slice(CASE.length));
  return title === undefined ? evidence : { ...evidence, text: title };
}
