import type { ProfilePlatform } from '@quiesce/boot-sequencer';
import {
  type KernelFactName,
  type KernelVersion,
  kernelFact,
  kernelHas,
  likelyKernelHas,
  rangeName,
} from '@quiesce/machine';
import type { Severity } from '@quiesce/report';
import defects from './known-defects.json' with { type: 'json' };
import { askCondition, type ConditionInput } from './machine-conditions.ts';

/** A defect of some versions of a kernel, and whether it matters on a machine. */
export interface KernelDefect {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly severity: Severity;
  /** First and next-after-last version: `6.2 to before 6.12.110`, `5.0 and later`. */
  readonly versions: readonly string[];
  /** Commit or measurement behind it. */
  readonly rule: string;
  /** It matters on this machine. */
  readonly applies: boolean;
  /** What on this machine makes it matter, or not. */
  readonly because: string;
  /** The version in question has it; undefined if none is known, or if that is not known of it. */
  readonly present: boolean | undefined;
  /** Why that is not known of the version. */
  readonly doubt?: string;
  /** Ids of cases of the public record. */
  readonly cases: readonly string[];
}

/** Every known defect of a platform's kernels, asked of one machine and one version: facts of `@quiesce/machine`, weighed. */
export function knownDefects(
  platform: ProfilePlatform,
  version: KernelVersion | undefined,
  input: ConditionInput,
): KernelDefect[] {
  return defects
    .filter(({ platforms }) => platforms.includes(platform))
    .map(({ fact: named, name, title, text, severity, applies, cases }): KernelDefect => {
      const fact = kernelFact(named as KernelFactName);
      const { holds, because } = askCondition(applies, input);
      const doubt = version === undefined ? undefined : likelyKernelHas(version, fact.name).doubt;
      return {
        name,
        title,
        text,
        severity: severity as Severity,
        versions: fact.ranges.map(rangeName),
        rule: fact.source,
        applies: holds,
        because,
        present: version === undefined ? undefined : kernelHas(version, fact.name),
        ...(doubt === undefined ? {} : { doubt }),
        cases,
      };
    });
}
