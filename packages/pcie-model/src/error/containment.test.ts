import { expect, describe as suite, test } from 'vitest';
import type { EndpointPort } from '../endpoint/endpoint-engine.ts';
import { BurstEngine } from '../fabric/testing/burst-engine.ts';
import { at, describe, portType } from '../fabric/testing/config-bytes.ts';
import { MiB, type TestMachine, testMachine } from '../fabric/testing/test-machine.ts';
import type { FunctionDescription } from '../topology/function-description.ts';
import { UncorrectableError } from './uncorrectable-error.ts';

const DPC = 0x200;

/** A root port with Downstream Port Containment behind AER. */
function withContainment(description: FunctionDescription, triggerEnable: number): FunctionDescription {
  const config = description.config.slice();
  const view = new DataView(config.buffer);
  view.setUint32(at.aer, 0x0001 | (2 << 16) | (DPC * 0x10_0000), true);
  view.setUint32(DPC, 0x0001_001d, true);
  view.setUint16(DPC + 6, triggerEnable, true);
  return { ...description, config };
}

function machine(triggerEnable: number): TestMachine {
  const all = { command: 0x0106, deviceControl: 0x000f, bridgeControl: 2, rootControl: 7 };
  return testMachine([
    withContainment(
      describe({ bus: 0, device: 1, type: portType.rootPort, secondary: 1, ...all }),
      triggerEnable,
    ),
    describe({ bus: 1, type: portType.endpoint, ...all }),
  ]);
}

/** A device that reports a fatal error of its own at 1000 ns, then goes on. */
class FailingEngine extends BurstEngine {
  override step(port: EndpointPort): void {
    super.step(port, 0);
    if (this.state.made === 2) port.fatalError();
  }
}

function failing(): FailingEngine {
  return new FailingEngine({ start: 0, period: 1000, burst: 64, base: 8 * MiB, pages: 1, write: true });
}

suite('a port with containment armed for fatal errors', () => {
  test('takes its link down instead of forwarding ERR_FATAL, after the transaction', () => {
    const contained = machine(1);
    const engine = failing();
    contained.fabric.attachEngine(contained.fn('01:00.0'), engine);
    contained.fabric.advance(10_000);
    const { file } = contained.fn('00:01.0').config;
    // Triggered, reason ERR_FATAL, and whose it was
    expect(file.peek16(DPC + 8)).toBe(0x0005);
    expect(file.peek16(DPC + 10)).toBe(0x0100);
    expect(file.peek32(at.aer + 0x30)).toBe(0);
    expect(engine.resets).toEqual(['conventional']);
    expect(engine.snapshot().made).toBe(2);
    expect(contained.observer.take().filter((line) => !line.startsWith('reached'))).toEqual([]);
    expect(contained.hierarchy.configRead(0, 1, 0, 0, 0, 4)).toBe(0xffff_ffff);
  });

  test('forwards ERR_NONFATAL', () => {
    const contained = machine(1);
    const { fabric } = contained;
    fabric.errors.uncorrectable(contained.fn('01:00.0'), UncorrectableError.poisonedTlp, undefined, false, 1);
    fabric.advance(1);
    expect(contained.observer.take()).toEqual([
      'message 0000:00:01.0 100 nonfatal false',
      'system error serr-nmi error-message 0000:01:00.0 1',
    ]);
  });
});

test('a port armed for all uncorrectable errors contains ERR_NONFATAL as well', () => {
  const contained = machine(2);
  contained.fabric.errors.uncorrectable(
    contained.fn('01:00.0'),
    UncorrectableError.poisonedTlp,
    undefined,
    false,
    1,
  );
  contained.fabric.advance(1);
  expect(contained.fn('00:01.0').config.file.peek16(DPC + 8)).toBe(0x0003);
  expect(contained.observer.take()).toEqual([]);
});

test('a port that is not armed forwards everything', () => {
  const open = machine(0);
  open.fabric.errors.internalError(open.fn('01:00.0'));
  expect(open.observer.take()).toHaveLength(2);
  expect(open.fn('00:01.0').config.file.peek16(DPC + 8)).toBe(0);
});
