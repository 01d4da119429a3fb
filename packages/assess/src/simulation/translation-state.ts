import type { HostFacts } from '@quiesce/machine';
import type { Evidence } from '@quiesce/report';
import { sourceOf } from '../functions/evidence.ts';
import { parametersOf } from './with-parameters.ts';

/** Whether the first kernel has DMA remapping on, as far as a capture says it. */
export interface TranslationState {
  readonly state: 'on' | 'off' | 'unknown';
  readonly evidence: readonly Evidence[];
}

/** What only a kernel says whose units translate, by vendor. */
const saysOn = [
  /Virtualization Technology for Directed I\/O/,
  /AMD-Vi: .*(?:enabled|lazy mode|Translation)/i,
];
const MOST_EVIDENCE = 3;

/**
 * Lines of the boot log go first, then IOMMU groups, then the command line. A kernel whose default nobody states is `unknown`.
 */
export function translationState(host: HostFacts): TranslationState {
  const lines = host.remappingLines.filter(({ value }) =>
    saysOn.some((pattern) => pattern.test(value.slice(0, 400))),
  );
  if (lines.length > 0) {
    return { state: 'on', evidence: lines.slice(0, MOST_EVIDENCE).map(stated) };
  }
  const groups = Object.values(host.iommuGroups);
  if (groups[0] !== undefined) {
    const source = sourceOf(groups[0]);
    return { state: 'on', evidence: [{ source, text: `${groups.length} functions are in IOMMU groups` }] };
  }
  const { commandLine } = host;
  if (commandLine !== undefined) {
    const values = parametersOf(commandLine.value)
      .filter((parameter) => /^(intel_iommu|amd_iommu|iommu)=/.test(parameter))
      .flatMap((parameter) => parameter.slice(parameter.indexOf('=') + 1).split(','));
    const last = values.filter((value) => value === 'on' || value === 'off' || value === 'force').at(-1);
    if (last !== undefined) return { state: last === 'off' ? 'off' : 'on', evidence: [stated(commandLine)] };
  }
  return { state: 'unknown', evidence: [] };
}

function stated(fact: { readonly value: string; readonly file: string; readonly line?: number }): Evidence {
  return { source: sourceOf(fact), text: fact.value.slice(0, 300) };
}
