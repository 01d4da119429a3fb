import { UserError } from '@quiesce/simulation';
import { pcieSuite } from '../pcie/pcie-suite.ts';
import { vtdSuite } from '../vtd/vtd-suite.ts';
import type { DifferentialSuite } from './differential-suite.ts';

/** All suites, in the order in which they are shown. */
export const suites: readonly DifferentialSuite[] = [vtdSuite, pcieSuite];

/** @throws UserError `UNKNOWN_SUITE` */
export function findSuite(name: string): DifferentialSuite {
  const found = suites.find((one) => one.name === name);
  if (found !== undefined) return found;
  const known = suites.map((one) => one.name).join(', ');
  throw new UserError('UNKNOWN_SUITE', `there is no suite ${name}`, { expected: known });
}
