import { type IomemRegion, parseIomem, preset } from '@quiesce/machine';
import { printedIomem } from '../inputs/printed-machine.ts';
import { sharedFiles } from '../inputs/shared-captures.ts';
import { ReportedPlaces } from './reported-places.ts';
import type { Subject } from './subject.ts';

/** `/proc/iomem`: each line with a range is a region, or its line is in a note. */
export const iomemSubject: Subject = {
  name: 'iomem',
  text: true,
  inputs: () => [
    new TextEncoder().encode(printedIomem(preset('server-2012'))),
    ...sharedFiles('machines', /^iomem/, 3),
  ],
  take: (input) => {
    const iomem = parseIomem(input, { file: 'iomem' });
    const reported = new ReportedPlaces(iomem.notes);
    const lines = new Set<number>();
    const visit = (regions: readonly IomemRegion[]): void => {
      for (const { line, children } of regions) {
        lines.add(line);
        visit(children);
      }
    };
    visit(iomem.regions);
    for (const [index, line] of new TextDecoder().decode(input).split('\n').entries()) {
      if (!/^ *[0-9a-f]{5,13}-[0-9a-f]{5,13} : \S/.test(line)) continue;
      if (/^ *0+-0+ :/.test(line)) continue;
      if (!lines.has(index + 1) && !reported.within(index + 1, index + 1)) return `line ${index + 1} is lost`;
    }
    return undefined;
  },
};
