import { adviceKinds, type Candidate } from './candidate.ts';

/**
 * Changes that are worth trying at once: the best of each kind, and where another kernel is among them, what would
 * be tried last of drivers: all of them. Fewer than two are nothing to be tried together.
 */
export function togetherOf(
  better: readonly Candidate[],
  kernel: Candidate | undefined,
  all: readonly Candidate[],
): Candidate[] {
  const chosen = new Map<Candidate['kind'], Candidate>();
  if (kernel !== undefined) chosen.set('kernel', kernel);
  for (const one of better) if (!chosen.has(one.kind)) chosen.set(one.kind, one);
  const bringing = all.findLast(({ kind }) => kind === 'driver');
  if (kernel !== undefined && bringing !== undefined && !chosen.has('driver')) chosen.set('driver', bringing);
  if (chosen.size < 2) return [];
  // The kernel first: parameters change the profile that it brings.
  return [...chosen.values()].sort((a, b) => adviceKinds.indexOf(b.kind) - adviceKinds.indexOf(a.kind));
}
