import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DATA, FRAMES, ieee, MptHost, MS } from './testing/mpt-host.ts';

const dword = fc.oneof(
  fc.nat(0xffff_ffff),
  // Addresses that are there, functions, flags of elements.
  fc.nat(0x3f_ffff),
  fc.constantFrom(0, 9, 0x200, 0x0100_0000, 0x0200_0000, 0x0600_0000, 0x8000_0000, 0x4000_0000, 0xd300_0200),
);
const action = fc.oneof(
  fc.record({ post: fc.integer({ min: 0, max: 4 }), type: fc.constantFrom(0, 6, 8, 0xc) }),
  fc.record({ register: fc.constantFrom(0, 4, 8, 0x30, 0x34, 0x48, 0x6c), value: dword }),
  fc.record({ pause: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ master: fc.boolean() }),
);
const frames = fc.array(fc.array(dword, { minLength: 32, maxLength: 32 }), { minLength: 5, maxLength: 5 });

function play(
  version: number,
  memory: readonly (readonly number[])[],
  actions: readonly object[],
  mode: 'steady-steps' | 'event-by-event',
): MptHost {
  const host = new MptHost();
  expect(host.initialise(version)).toBe(0);
  for (const [smid, words] of memory.entries()) host.put(FRAMES + smid * 128, ...words);
  for (const one of actions) {
    if ('post' in one) host.post(one.post as number, 'type' in one ? (one.type as number) : 0);
    else if ('register' in one)
      host.write(one.register as number, (one as unknown as { value: number }).value);
    else if ('pause' in one) host.run(one.pause as number, mode);
    else host.engine.busMasterChanged((one as unknown as { master: boolean }).master, host.port.now);
  }
  return host;
}

it('carries out frames of any bytes without hanging, and in one step as in many', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0x0200, 0x0205),
      frames,
      fc.array(action, { maxLength: 25 }),
      (version, memory, actions) => {
        const quick = play(version, memory, actions, 'steady-steps');
        const slow = play(version, memory, actions, 'event-by-event');
        expect(digest(quick)).toBe(digest(slow));
        expect(quick.port.totals).toEqual(slow.port.totals);
        // Nothing takes more than its share of a period: at 100 requests a second, some thousand of small requests.
        expect(quick.port.totals.readRequests + quick.port.totals.writeRequests).toBeLessThan(400_000);
      },
    ),
    { numRuns: 25 },
  );
});

it('goes on from a copy as it would have gone on itself', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 0, max: 60_000 }), (blocks, pause) => {
      const host = new MptHost();
      host.initialise();
      for (const [index, count] of blocks.entries()) {
        host.scsi(index + 1, count * 512, ieee(DATA + index * 0x1_0000, count * 512), {
          writes: index === 2,
        });
        host.post(index + 1);
      }
      host.run(pause / 1000);
      const copy = new MptHost();
      copy.engine.restore(host.engine.snapshot());
      copy.port.now = host.port.now;
      for (let at = FRAMES; at < FRAMES + 0x400; at += 4) copy.put(at, host.port.memory.read32(at));
      for (let i = 0; i < 6; i++) {
        host.run(20);
        copy.run(20);
        expect(digest(copy)).toBe(digest(host));
        expect(copy.engine.nextTime).toBe(host.engine.nextTime);
      }
    }),
    { numRuns: 15 },
  );
});

function digest(host: MptHost): string {
  const hash = new RunningHash();
  host.engine.hashInto(hash);
  hash.number(Math.round(host.port.now / MS));
  return hash.digest();
}
