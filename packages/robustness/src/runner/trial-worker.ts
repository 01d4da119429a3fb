import { findSubject } from '../subject/subjects.ts';
import { tryOnce } from './trial.ts';

// A process of its own: a reader that never returns can be ended, and one that fills the memory dies alone.
const [name, seed, first, end] = process.argv.slice(2) as [string, string, string, string];
const subject = findSubject(name);
for (let trial = Number(first); trial < Number(end); trial++) {
  await tell({ trial });
  const complaint = await tryOnce(subject, Number(seed), trial);
  if (complaint !== undefined) await tell({ trial, complaint });
}
await tell({ trial: Number(end), kilobytes: process.resourceUsage().maxRSS });
process.disconnect();

/** What is not waited for may be lost when the process ends. */
function tell(message: object): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}
