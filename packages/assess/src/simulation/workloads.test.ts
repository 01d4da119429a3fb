import { preset } from '@quiesce/machine';
import { expect, it } from 'vitest';
import { sameDriver, withDrivers, workloadVariants } from './workloads.ts';

const machine = preset('q35-lab');
const variants = workloadVariants(machine, { drivers: {} });
const driven = (name: string): string[] =>
  (variants.find((one) => one.name === name)?.apply(machine).functions ?? [])
    .filter(({ driver, endpoint }) => driver.second && endpoint.kind !== 'idle')
    .map((one) => one.name);

it('a busy machine’s crash kernel drives its dump target alone, and the ports above it', () => {
  expect(driven('busy')).toEqual([machine.dumpTarget]);
  expect(driven('all drivers').length).toBeGreaterThan(3);
  const busy = variants.find(({ name }) => name === 'busy')?.apply(machine);
  const port = busy?.functions.find(({ name }) => name === '0000:00:02.0');
  expect(port?.driver).toEqual(machine.functions.find(({ name }) => name === '0000:00:02.0')?.driver);
});

it('a strict platform is tried where nobody knows, and only there', () => {
  expect(variants.map(({ name }) => name)).toContain('strict platform');
  const known = workloadVariants(preset('server-2012'), { drivers: {} });
  expect(known.map(({ name }) => name)).not.toContain('strict platform');
});

it('knows a driver by its name, or else by what it drives', () => {
  const [first, second] = machine.functions.filter(({ endpoint }) => endpoint.kind === 'network-ring');
  if (first === undefined || second === undefined) throw new Error('no cards');
  expect(sameDriver(first, second, { drivers: {} })).toBe(true);
  const drivers = {
    [first.name]: { value: 'igb', file: 'lspci' },
    [second.name]: { value: 'e1000e', file: 'lspci' },
  };
  expect(sameDriver(first, second, { drivers })).toBe(false);
});

it('leaves functions alone that a change is not about', () => {
  const changed = withDrivers(machine, ({ name }) =>
    name === '0000:01:00.0' ? { second: false } : undefined,
  );
  expect(
    changed.functions.filter((one, index) => one !== machine.functions[index]).map(({ name }) => name),
  ).toEqual(['0000:01:00.0']);
});

it('the crash kernel has the drivers of every function that the dump goes through', () => {
  const through = machine.functions.filter(
    ({ name, driver }) => name !== machine.dumpTarget && driver.second,
  );
  const other = through.find(({ endpoint }) => endpoint.kind !== 'idle')?.name ?? '';
  const second = (dumpThrough: readonly string[]): boolean | undefined =>
    workloadVariants(machine, { drivers: {} }, dumpThrough)[0]
      ?.apply(machine)
      .functions.find(({ name }) => name === other)?.driver.second;
  expect([second([]), second([other])]).toEqual([false, true]);
});
