export { runTrials, type TrialReport, type TrialRun } from './runner/run-trials.ts';
export { type Complaint, damagedInput, tryOnce } from './runner/trial.ts';
export type { Subject } from './subject/subject.ts';
export { findSubject, subjects } from './subject/subjects.ts';
