import fc from 'fast-check';
import { expect, it } from 'vitest';
import { identity, RemappingLab } from '../testing/remapping-lab.ts';

const BUFFER = 0x800_0000;
/** Few buses, so that several functions share one. */
const requester = fc
  .tuple(fc.constantFrom(0, 1, 0x82, 0xff), fc.nat(0xff))
  .map(([bus, devfn]) => (bus << 8) | devfn);
const requesters = fc.uniqueArray(requester, { minLength: 1, maxLength: 8 });

/** What each requester reaches after the copy, and 0 where it faults, with the reason negated. */
function copied(ids: readonly number[], scalable: boolean, kernel: string): readonly number[] {
  const lab = new RemappingLab({ scalable: true });
  lab.devices = ids.map(identity);
  const first = lab.boot(1, 'linux-6', scalable);
  first.initialise();
  first.finishInitialisation();
  const iovas = ids.map((id, i) => first.mapDma(identity(id), BUFFER + i * 4096, 4096) as number);
  lab.boot(2, kernel, scalable).initialise();
  return ids.map((id, i) => {
    const { allowed, address, reason } = lab.dma(id, iovas[i] as number);
    return allowed ? address : -reason;
  });
}

it('a copy changes nothing for anybody, whatever is on which bus, in either mode', () => {
  fc.assert(
    fc.property(
      requesters,
      fc.boolean(),
      fc.constantFrom('linux-6', 'linux-6.1.192', 'linux-6.12.117'),
      (ids, scalable, kernel) => {
        expect(copied(ids, scalable, kernel)).toEqual(ids.map((_, i) => BUFFER + i * 4096));
      },
    ),
    { numRuns: 40 },
  );
});

it('with the first free slot for a table, just those fault whose bus has upper devices only', () => {
  fc.assert(
    fc.property(requesters, fc.boolean(), (ids, scalable) => {
      const astray = (id: number) => !ids.some((one) => one >>> 8 === id >>> 8 && (one & 0x80) === 0);
      expect(copied(ids, scalable, 'linux-6.12.107')).toEqual(
        ids.map((id, i) => (scalable && astray(id) ? -0x39 : BUFFER + i * 4096)),
      );
    }),
    { numRuns: 40 },
  );
});
