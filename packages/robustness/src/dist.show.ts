import { filesOf, importCapture, parseCaptureBundle } from '@quiesce/machine';
import { damagedInput } from './runner/trial.ts';
import { findSubject } from './subject/subjects.ts';

const [name, trial, line] = process.argv.slice(2);
const b = damagedInput(findSubject(name), 1, Number(trial));
const l = new TextDecoder().decode(b).split('\n');
const n = Number(line);
if (name === 'bundle') {
  const f = filesOf(parseCaptureBundle(b, { file: 'x' }));
  console.log(f.filter((x) => x.path.startsWith('sys/kernel')));
  const r = importCapture(f, { name: 'x' });
  console.log(r.sources.slice(-6), r.notes.slice(-4));
} else {
  for (let i = n - 6; i < n + 3; i++) console.log(i + 1, JSON.stringify(l[i]));
  const r = importCapture([{ path: 'all.txt', content: b }], { name: 'x' });
  console.log(r.sources, r.machine?.functions.length);
  for (const x of r.notes) if (Math.abs((x.line ?? 0) - n) < 8) console.log(x);
}
