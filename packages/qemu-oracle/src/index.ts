export type {
  DeviationCount,
  DifferentialSuite,
  Disagreement,
  OpenSuite,
  SuiteOptions,
  SuiteReport,
} from './runner/differential-suite.ts';
export { findSuite, suites } from './runner/find-suite.ts';
export { showReport } from './runner/show-report.ts';
