import { tryOnce } from './runner/trial.ts';
import { subjects } from './subject/subjects.ts';

const [n, only] = [Number(process.argv[2]), process.argv[3]];
for (const s of subjects.filter((x) => !only || x.name === only)) {
  const t = process.cpuUsage();
  let bad = 0;
  for (let i = 0; i < n; i++) {
    const c = await tryOnce(s, 1, i);
    if (c) {
      if (bad++ < 6) console.log(c.subject, c.trial, c.what, c.message.slice(0, 400));
    }
  }
  console.log(s.name, n, 'bad', bad, ((process.cpuUsage(t).user / 1e6 / n) * 1000).toFixed(1), 'ms each');
}
