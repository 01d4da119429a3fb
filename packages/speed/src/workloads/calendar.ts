import { join } from 'node:path';
import { EventCalendar } from '@quiesce/simulation';
import { compilePeer, peers, versionOf } from '../harness/compile-peer.ts';
import { ownSide } from '../harness/own-side.ts';
import { programSide } from '../harness/program-side.ts';
import type { MissingSide, Race, Side } from '../harness/side.ts';

const SOURCES = 1000;
const HORIZON_NS = 1_000_000;

/** 1,000 periodic sources with a callback each, up to a horizon. */
export async function calendar(): Promise<Race> {
  return {
    kind: 'race',
    id: 'calendar',
    title: 'event calendar with 1,000 periodic sources',
    work:
      'Source i fires every 1000 + (7919 i mod 9973) ns for 1 ms of virtual time. Each firing folds the source and ' +
      'the time into a hash that depends on the order, so the sides agree only if they ran the same events in the ' +
      'same order.',
    unit: 'events',
    own: ownSide({ run: runSources }),
    rivals: [
      { side: await simpy(), atLeast: 7 },
      { side: await ns3(), atLeast: 1 },
    ],
  };
}

function runSources(): { operations: number; check: string } {
  const events = new EventCalendar();
  let hash = 0;
  let count = 0;
  const fire = events.register((source) => {
    hash = (Math.imul(hash, 31) + source + events.now) >>> 0;
    count++;
  });
  for (let source = 0; source < SOURCES; source++) {
    const period = 1000 + ((source * 7919) % 9973);
    events.schedulePeriodic(period, period, fire, source);
  }
  events.runUntil(HORIZON_NS);
  return { operations: count, check: String(hash) };
}

/** Python of the system, since that is where Debian's packages are; another may come first in PATH. */
const python = '/usr/bin/python3';

async function simpy(): Promise<Side | MissingSide> {
  const version = await versionOf(python, ['-c', 'import SimPy; print(SimPy.__version__)']);
  if (version !== undefined)
    return programSide(`SimPy ${version}`, python, [join(peers, 'calendar_simpy2.py')]);
  const newer = await versionOf(python, ['-c', 'import simpy; print(simpy.__version__)']);
  if (newer !== undefined) return programSide(`SimPy ${newer}`, python, [join(peers, 'calendar_simpy.py')]);
  return { name: 'SimPy', missing: 'not installed (Debian: python3-simpy)' };
}

async function ns3(): Promise<Side | MissingSide> {
  const found = await versionOf('pkg-config', ['--modversion', 'ns3-core']);
  if (found === undefined) return { name: 'ns-3', missing: 'not installed (Debian: libns3-dev, pkg-config)' };
  const flags = (await versionOf('pkg-config', ['--cflags', 'ns3-core'])) ?? '';
  const include = flags.split(/\s+/).filter((flag) => /^-I[\w/.-]+$/.test(flag));
  const compiled = await compilePeer('g++', 'calendar_ns3.cc', [...include, '-lns3-core']);
  if (compiled.missing !== undefined) return { name: `ns-3 ${found}`, missing: compiled.missing };
  return programSide(`ns-3 ${found}`, compiled.program, []);
}
