import type { Severity } from '@quiesce/report';
import { isWithin, type KernelVersion } from './kernel-version.ts';
import defects from './known-defects.json' with { type: 'json' };
import { askCondition, type ConditionInput } from './machine-conditions.ts';
import { rangeName, type SimulatedPlatform } from './nearest-profile.ts';

/** A defect of some versions of a kernel, and whether it matters on a machine. */
export interface KernelDefect {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly severity: Severity;
  /** First and next-after-last version: `6.0 to before 6.1.192`, `4.2 and later`. */
  readonly versions: readonly string[];
  /** Commit or measurement behind it. */
  readonly rule: string;
  /** It matters on this machine. */
  readonly applies: boolean;
  /** What on this machine makes it matter, or not. */
  readonly because: string;
  /** The version in question has it; undefined if none is known. */
  readonly present: boolean | undefined;
  /** Ids of cases of the public record. */
  readonly cases: readonly string[];
}

/** Every known defect of a platform's kernels, asked of one machine and one version. */
export function knownDefects(
  platform: SimulatedPlatform,
  version: KernelVersion | undefined,
  input: ConditionInput,
): KernelDefect[] {
  return defects
    .filter(({ platforms }) => platforms.includes(platform))
    .map((defect): KernelDefect => {
      const { holds, because } = askCondition(defect.applies, input);
      const ranges = defect.ranges.map(([from, before]) => [from ?? '0', before ?? '9999'] as const);
      return {
        name: defect.name,
        title: defect.title,
        text: defect.text,
        severity: defect.severity as Severity,
        versions: ranges.map(([from, before]) => rangeName(from, before)),
        rule: defect.rule,
        applies: holds,
        because,
        present:
          version === undefined
            ? undefined
            : ranges.some(([from, before]) => isWithin(version, from, before)),
        cases: defect.cases,
      };
    });
}
