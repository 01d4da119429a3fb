import { crash } from '@quiesce/boot-sequencer';
import { preset } from '@quiesce/machine';
import none from '@quiesce/strategy-none';
import type { Limit } from '../harness/side.ts';
import { settledHeap } from './settled-heap.ts';

const RUNS = 40;
const FLAT_RUNS = 10_000;
const FLAT_FIRST = 1_000;

/** CPU time of a whole run from the first kernel to the dump. */
export function crashToDump(): Limit {
  const machine = preset('q35-lab');
  let seed = 0;
  const runs = (count: number): void => {
    for (let i = 0; i < count; i++) crash({ machine, strategy: none, kernel: 'linux-6', seed: seed++ });
  };
  let warm = false;
  return {
    kind: 'limit',
    id: 'crash',
    title: 'a run from crash to dump on q35-lab',
    work:
      'Boots linux-6 on the preset q35-lab, crashes it at an instant drawn from the seed, and boots the second kernel ' +
      'to the end of the dump, without a strategy. CPU time of the whole process, the garbage collector included, ' +
      `over ${RUNS} seeds.`,
    unit: 'ms of CPU a run',
    atMost: 5,
    async figure() {
      if (!warm) runs(RUNS);
      warm = true;
      const before = process.cpuUsage();
      runs(RUNS);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000 / RUNS;
    },
  };
}

/** Memory over many runs. */
export function flatMemory(): Limit {
  const machine = preset('q35-lab');
  let figure: number | undefined;
  return {
    kind: 'limit',
    id: 'memory',
    title: 'memory over 10,000 runs on q35-lab',
    work:
      'The same runs with 10,000 seeds. Heap and buffers that are still reachable after the last run, as a share of ' +
      'those after the first thousand. Measured once.',
    unit: 'times the memory after 1,000 runs',
    atMost: 1.1,
    async figure() {
      if (figure === undefined) {
        let first = 0;
        for (let seed = 0; seed < FLAT_RUNS; seed++) {
          crash({ machine, strategy: none, kernel: 'linux-6', seed });
          if (seed === FLAT_FIRST - 1) first = await settledHeap();
        }
        figure = (await settledHeap()) / first;
      }
      return figure;
    },
  };
}
