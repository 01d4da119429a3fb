import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveOptions } from '@quiesce/strategy';
import { checkContract, MiniMachine, miniLaboratory, switchAndDisplay } from '@quiesce/strategy/contract';
import { parkAtD3hot } from './index.js';

for (const { law, passed, detail } of checkContract(parkAtD3hot, miniLaboratory()).laws) {
  test(`keeps the contract: ${law}`, () => assert.ok(passed, detail));
}

/**
 * @param {MiniMachine} machine
 * @param {object} given
 */
function fsSync(machine, given = {}) {
  const options = resolveOptions(parkAtD3hot, given);
  const [initcall] = parkAtD3hot.create(options).initcalls ?? [];
  initcall?.run(machine.contextFor('initcall:fs_sync', { options }));
}

test('PCIe endpoints stop, the display goes on, and nothing was reset', () => {
  const machine = new MiniMachine(switchAndDisplay);
  fsSync(machine);
  assert.deepEqual(machine.masters(), ['0000:00:00.0', '0000:01:00.0', '0000:07:04.0']);
  assert.ok(machine.topology.functions.every((each) => each.resets === 0));
  assert.deepEqual(machine.log, ['parked 2 PCIe endpoints in D3hot']);
});

test('displays only if asked for', () => {
  const machine = new MiniMachine(switchAndDisplay);
  fsSync(machine, { displays: true });
  assert.ok(!machine.masters().includes('0000:01:00.0'));
});

test('options are checked', () => {
  assert.throws(() => resolveOptions(parkAtD3hot, { settleMs: 1 }), { code: 'STRATEGY_OPTIONS' });
});
