import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that crash machines for minutes; what else there is fits in beside them. */
const longest = [
  'packages/record/src/record.test.ts',
  'packages/kernel-lab/src/recorded/recorded-results.test.ts',
  'packages/kernel-lab/src/strategy/strategies.test.ts',
];

/** Begins with the longest files: on a fresh clone nothing else tells, and one of them at the end keeps a processor idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = longest.findIndex((one) => moduleId.endsWith(one));
      return index < 0 ? longest.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
