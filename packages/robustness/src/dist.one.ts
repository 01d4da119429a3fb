import { tryOnce } from './runner/trial.ts';
import { findSubject } from './subject/subjects.ts';

console.log(await tryOnce(findSubject(process.argv[2]), 1, Number(process.argv[3])));
