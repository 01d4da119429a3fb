import { expect, describe as suite, test } from 'vitest';
import { BurstEngine } from './testing/burst-engine.ts';
import { describe, type FunctionOptions, portType } from './testing/config-bytes.ts';
import { MiB, type TestMachine, testMachine } from './testing/test-machine.ts';

interface Options {
  readonly port?: Partial<FunctionOptions>;
  readonly nic?: Partial<FunctionOptions>;
  readonly withUnit?: boolean;
  readonly platform?: object;
}

/** A root port 00:01.0 with 01:00.0 below. */
function nicBelowRootPort(options: Options = {}): TestMachine {
  return testMachine(
    [
      describe({
        bus: 0,
        device: 1,
        type: portType.rootPort,
        secondary: 1,
        window: [0xc00, 0xc00],
        ...options.port,
      }),
      describe({ bus: 1, type: portType.endpoint, bar0: 0xc000_0000, ...options.nic }),
    ],
    options,
  );
}

const write = { start: 10, period: 1000, burst: 256, base: 8 * MiB, pages: 1, write: true };
const read = { ...write, write: false };

/** Attaches an engine to 01:00.0, lets it make one transaction and returns what the observer was told. */
function once(machine: TestMachine, plan: typeof write, place = '01:00.0'): string[] {
  machine.fabric.attachEngine(machine.fn(place), new BurstEngine(plan));
  machine.fabric.advance(plan.start);
  return machine.observer.take();
}

suite('a memory request', () => {
  test('goes to the address it carries where no unit is in its path', () => {
    const machine = nicBelowRootPort();
    expect(once(machine, write)).toEqual([
      'reached 0000:01:00.0 100 800... 800... first-kernel 256 true true',
    ]);
    expect(machine.memory.lastWriterAt(8 * MiB)).toBe('0000:01:00.0');
    expect(machine.memory.lastWriterAt(8 * MiB + 256)).toBeUndefined();
    expect(machine.fabric.nextTime).toBe(1010);
  });

  test('goes where the unit says', () => {
    const machine = nicBelowRootPort({ withUnit: true });
    machine.unit.map(0x100, 8 * MiB, 70 * MiB);
    expect(once(machine, write)).toEqual([
      'reached 0000:01:00.0 100 800... 4600... crash-kernel 256 true false',
    ]);
    expect(machine.memory.lastWriterAt(70 * MiB)).toBe('0000:01:00.0');
  });

  test('is dropped without a word if it is a write that the unit refuses', () => {
    const machine = nicBelowRootPort({ withUnit: true });
    expect(once(machine, write)).toEqual(['refused 0000:01:00.0 100 800... 256 true 5']);
    expect(machine.memory.pageCount).toBe(0);
    expect(machine.fn('01:00.0').config.file.peek16(0x06)).toBe(0x0010);
  });

  test('is answered with Unsupported Request if it is a read that the unit refuses', () => {
    const machine = nicBelowRootPort({ withUnit: true });
    expect(once(machine, read)).toEqual(['refused 0000:01:00.0 100 800... 256 false 6']);
    // Received Master Abort
    expect(machine.fn('01:00.0').config.file.peek16(0x06)).toBe(0x2010);
  });

  test.each(['aer-interrupt', 'serr-nmi', 'smi-hang'] as const)(
    'refused makes the chipset %s',
    (reaction) => {
      const machine = nicBelowRootPort({ withUnit: true, platform: { remappingFault: reaction } });
      expect(once(machine, write)).toEqual([
        'refused 0000:01:00.0 100 800... 256 true 5',
        `system error ${reaction} remapping-fault 0000:01:00.0 5`,
      ]);
    },
  );

  test('is not sent without Bus Master Enable, unless the device does not care', () => {
    const quiet = nicBelowRootPort({ nic: { command: 0x0002 } });
    expect(once(quiet, write)).toEqual(['stopped 0000:01:00.0 100 800... true bus-master-disabled']);
    const rude = nicBelowRootPort({ nic: { command: 0x0002, traits: { honoursBusMaster: false } } });
    expect(once(rude, write)).toEqual(['reached 0000:01:00.0 100 800... 800... first-kernel 256 true true']);
  });

  test('with nobody at its address is a master abort', () => {
    const nowhere = { ...read, base: 0x9000_0000 };
    const calm = nicBelowRootPort();
    expect(once(calm, nowhere)).toEqual(['unroutable 0000:01:00.0 100 90000... 90000... false true']);
    const strict = nicBelowRootPort({ platform: { masterAbortIsSystemError: true } });
    expect(once(strict, nowhere)).toEqual([
      'unroutable 0000:01:00.0 100 90000... 90000... false true',
      'system error serr-nmi master-abort 0000:01:00.0 0',
    ]);
    expect(strict.fn('01:00.0').config.file.peek16(0x06) & 0x2000).toBe(0x2000);
  });

  test('to the hole below the flash reaches nothing, to registers of a peer no register', () => {
    const hole = nicBelowRootPort();
    expect(once(hole, { ...write, base: 0xd000_0000 })).toEqual([
      'unroutable 0000:01:00.0 100 d0000... d0000... true true',
    ]);
    const peer = nicBelowRootPort();
    expect(once(peer, { ...write, base: 0xc000_0000 })).toEqual([
      'reached 0000:01:00.0 100 c0000... c0000... mmio 256 true true',
    ]);
  });
});

suite('the interrupt window', () => {
  test('takes a dword as an interrupt, whatever the tables say', () => {
    const machine = nicBelowRootPort({ withUnit: true });
    const shout = { ...write, base: 0xfee0_0000, burst: 4 };
    machine.unit.map(0x100, 0xfee0_0000, 8 * MiB);
    const lines = once(machine, shout);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^interrupt blocked 0000:01:00.0 100 fee00000 /);
    expect(machine.memory.pageCount).toBe(0);
  });

  test('takes nothing else', () => {
    expect(once(nicBelowRootPort(), { ...write, base: 0xfee0_0000 })).toEqual([
      'unroutable 0000:01:00.0 100 fee00... fee00... true false',
    ]);
    expect(once(nicBelowRootPort(), { ...read, base: 0xfee0_0000, burst: 4 })).toEqual([
      'unroutable 0000:01:00.0 100 fee00... fee00... false false',
    ]);
  });
});

suite('the requester ID', () => {
  const conventional = (type: number | undefined): TestMachine =>
    testMachine([
      describe({ bus: 0, device: 2, type: portType.rootPort, secondary: 3, subordinate: 5 }),
      describe({ bus: 3, type: portType.pcieToPciBridge, secondary: 4, subordinate: 5 }),
      describe({ bus: 4, device: 6, type }),
      describe({ bus: 4, device: 7, secondary: 5 }),
      describe({ bus: 5, device: 1 }),
    ]);

  test('behind a PCIe-to-PCI bridge is its secondary bus, device 0', () => {
    expect(once(conventional(undefined), write, '04:06.0')).toEqual([
      'reached 0000:04:06.0 400 800... 800... first-kernel 256 true true',
    ]);
    expect(once(conventional(undefined), write, '05:01.0')).toEqual([
      'reached 0000:05:01.0 400 800... 800... first-kernel 256 true true',
    ]);
  });

  test('behind a conventional bridge on a root bus is that of the bridge', () => {
    const machine = testMachine([
      describe({ bus: 0, device: 30, secondary: 7 }),
      describe({ bus: 7, device: 4 }),
    ]);
    expect(once(machine, write, '07:04.0')).toEqual([
      'reached 0000:07:04.0 f0 800... 800... first-kernel 256 true true',
    ]);
  });
});

suite('virtual time', () => {
  test('is that of the transaction during advance, and the clock otherwise', () => {
    const machine = nicBelowRootPort();
    const seen: number[] = [];
    machine.observer.dmaReached = () => void seen.push(machine.fabric.now);
    machine.fabric.attachEngine(machine.fn('01:00.0'), new BurstEngine({ ...write, burst: 4096 }));
    machine.clock.now = 7;
    machine.fabric.advance(2500);
    expect(seen).toEqual([10, 1010, 2010]);
    expect(machine.fabric.now).toBe(7);
  });

  test('goes on where two engines are due at once, the lower function first', () => {
    const machine = nicBelowRootPort();
    const order: string[] = [];
    machine.observer.dmaReached = (fn) => void order.push(fn.name);
    machine.fabric.attachEngine(machine.fn('01:00.0'), new BurstEngine({ ...write, burst: 4096 }));
    machine.fabric.attachEngine(machine.fn('00:01.0'), new BurstEngine({ ...write, burst: 4096 }));
    machine.fabric.advance(1010);
    expect(order).toEqual(['0000:00:01.0', '0000:01:00.0', '0000:00:01.0', '0000:01:00.0']);
  });

  test('does not stand still for ever', () => {
    const machine = nicBelowRootPort();
    machine.fabric.attachEngine(machine.fn('01:00.0'), new BurstEngine({ ...write, period: 0 }));
    expect(() => machine.fabric.advance(10)).toThrow('no progress at 10 ns');
  });
});

suite('the state of a fabric', () => {
  test('can be kept and brought back', () => {
    const machine = nicBelowRootPort();
    const engine = new BurstEngine(write);
    machine.fabric.attachEngine(machine.fn('01:00.0'), engine);
    const before = machine.fabric.snapshot();
    machine.fabric.advance(5000);
    expect(engine.nextTime).toBe(5010);
    machine.fabric.restore(before);
    expect(engine.nextTime).toBe(10);
  });
});
