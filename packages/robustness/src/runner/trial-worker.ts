import { findSubject } from '../subject/subjects.ts';
import { tryOnce } from './trial.ts';

// A process of its own: a reader that never returns can be ended, and one that fills the memory dies alone.
const [name, seed, first, end] = process.argv.slice(2) as [string, string, string, string];
const subject = findSubject(name);
for (let trial = Number(first); trial < Number(end); trial++) {
  process.send?.({ trial });
  const complaint = await tryOnce(subject, Number(seed), trial);
  if (complaint !== undefined) process.send?.({ trial, complaint });
}
process.send?.({ trial: Number(end), kilobytes: process.resourceUsage().maxRSS });
process.disconnect();
