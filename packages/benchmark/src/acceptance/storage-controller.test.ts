import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crash } from '@quiesce/boot-sequencer';
import { endpointOf, importCapture, type Machine, preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { run, strategies } from './runs.ts';

/** The drive of `q35-lab` is a SAS controller, and the dump goes there. */
function machineWithController(traits: Parameters<typeof endpointOf>[1] = {}): Machine {
  const machine = preset('q35-lab');
  const drive = machine.functions.find(({ endpoint }) => endpoint.kind === 'nvme')?.name as string;
  return {
    ...machine,
    dumpTarget: drive,
    functions: machine.functions.map((one) =>
      one.name === drive
        ? { ...one, endpoint: endpointOf('mpt', { interrupt: 'msi-x', ...traits }, { ratePerSecond: 20 }) }
        : one,
    ),
  };
}

/** Outcomes leave segment 0 out of names. */
const requesterOf = ({ dumpTarget = '' }: Machine): string => dumpTarget.slice('0000:'.length);

const faultsOf = (machine: Machine, request: Parameters<typeof run>[1] = {}): number =>
  run(machine, request).dmaFaults.byRequester[requesterOf(machine)]?.total ?? 0;

describe('a message-passing controller that the dump goes to', () => {
  it('is taken over whatever a strategy did before', () => {
    const machine = machineWithController();
    const { none, hotReset, acceptActiveIommuCopy } = strategies;
    for (const strategy of [none, hotReset, acceptActiveIommuCopy]) {
      const outcome = run(machine, { strategy });
      expect(outcome.devices[requesterOf(machine)], strategy.name).toBe('working');
      expect(outcome.dump, strategy.name).not.toBe('lost');
    }
  });

  it('writes on into the void where its tables went, and stops at the first read that is refused', () => {
    const ignores = faultsOf(machineWithController());
    const stops = faultsOf(machineWithController({ onRefusal: 'stop-until-reset' }));
    expect(ignores).toBeGreaterThan(100);
    // Its one fault may be lost among those of others: records are few.
    expect(stops).toBeLessThan(2);
  });

  it('does not fault where a reset ended its requests, whose driver then waits for its firmware', () => {
    const machine = machineWithController({ onRefusal: 'stop-until-reset' });
    expect(faultsOf(machine, { strategy: strategies.hotReset })).toBe(0);
    const { log } = crash({ machine, strategy: strategies.none, kernel: 'linux-3.10', seed: 1 });
    expect(log.filter((line) => line.includes('mpt3sas_cm0')).at(-1)).toContain('port enable: SUCCESS');
    expect(log.some((line) => line.includes('fault_state(0x2666)!'))).toBe(true);
    expect(log.some((line) => line.includes('diag reset: SUCCESS'))).toBe(true);
  });
});

const folder = fileURLToPath(
  new URL('../../../../../shared/real-captures/machines/supermicro-7048gr', import.meta.url),
);

describe.skipIf(!existsSync(folder))(
  'a real server with MegaRAID (skipped where ../shared is absent)',
  () => {
    const load = (): Machine => {
      const files = readdirSync(folder).map((path) => ({ path, content: readFileSync(`${folder}/${path}`) }));
      const { machine } = importCapture(files, { name: 'supermicro' });
      return { ...(machine as Machine), dumpTarget: '0000:82:00.0' };
    };

    it('saves its dump through the controller, after a diagnostic reset where its firmware had stopped', () => {
      const machine = load();
      const index = machine.functions.findIndex(({ name }) => name === machine.dumpTarget);
      expect(machine.functions[index]?.endpoint.kind).toBe('mpt');
      expect(machine.inferred.find(({ path }) => path === `/functions/${index}/endpoint`)?.reason).toMatch(
        /^MegaRAID SAS Fusion: taken for a Fusion-MPT controller/,
      );
      // A disk that takes its time, as one does that recovers from errors.
      const slow: Machine = {
        ...machine,
        functions: machine.functions.map((one, at) =>
          at === index
            ? { ...one, endpoint: endpointOf('mpt', one.endpoint.traits, { ratePerSecond: 10 }) }
            : one,
        ),
      };
      const { outcome, log } = crash({
        machine: slow,
        strategy: strategies.none,
        kernel: 'linux-3.10',
        seed: 1,
      });
      expect(outcome.dump).toBe('saved');
      expect(log.some((line) => line.includes('fault_state(0x2666)!'))).toBe(true);
      expect(log.some((line) => line.includes('diag reset: SUCCESS'))).toBe(true);
      expect(run(machine, { kernel: 'linux-6' }).dump).toBe('saved');
    });
  },
);
