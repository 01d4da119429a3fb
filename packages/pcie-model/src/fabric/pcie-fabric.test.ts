import { describe as suite, expect, test } from 'vitest';
import { BurstEngine } from './testing/burst-engine.ts';
import { at, describe, portType } from './testing/config-bytes.ts';
import { MiB, testMachine } from './testing/test-machine.ts';

const COMMAND = 0x04;

function belowRootPort(options: Parameters<typeof testMachine>[1] & { port?: object; nic?: object } = {}) {
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

const oneBurst = { start: 10, period: 1000, burst: 256, base: 8 * MiB, pages: 1, write: true };

suite('a memory request', () => {
  test('without a unit in its path goes to the address it carries', () => {
    const machine = belowRootPort();
    machine.fabric.attachEngine(machine.fn('01:00.0'), new BurstEngine(oneBurst));
    expect(machine.fabric.nextTime).toBe(10);
    machine.fabric.advance(500);
    expect(machine.observer.take()).toEqual(['reached 0000:01:00.0 100 800... 800... first-kernel 256 true true']);
    expect(machine.memory.lastWriterAt(8 * MiB)).toBe('0000:01:00.0');
    expect(machine.memory.lastWriterAt(8 * MiB + 256)).toBeUndefined();
  });
});
