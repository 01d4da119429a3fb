import { expect, test } from 'vitest';
import { DelayedWork } from './delayed-work.ts';

test('work runs when it is due, in the order of its time', () => {
  const work = new DelayedWork();
  const ran: string[] = [];
  expect(work.nextAt).toBe(Number.POSITIVE_INFINITY);
  work.add(20, () => ran.push('later'));
  work.add(10, () => ran.push('first'));
  work.add(10, () => ran.push('second'));
  expect(work.nextAt).toBe(10);
  work.runDue(9);
  expect(ran).toEqual([]);
  work.runDue(10);
  expect(ran).toEqual(['first', 'second']);
  expect(work.nextAt).toBe(20);
});

test('work that waits is not interrupted by work, and what it schedules follows', () => {
  const work = new DelayedWork();
  const ran: string[] = [];
  work.add(1, () => {
    work.add(1, () => ran.push('inner'));
    expect(work.nextAt).toBe(Number.POSITIVE_INFINITY);
    work.runDue(5);
    ran.push('outer');
  });
  work.runDue(1);
  expect(ran).toEqual(['outer', 'inner']);
});
