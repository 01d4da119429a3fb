import { PassThrough } from 'node:stream';
import { TraceLog } from '@quiesce/qemu-control';
import { expect, it } from 'vitest';
import { FaultLog } from './fault-log.ts';

it('keeps every fault with its time, requester and reason, however many', async () => {
  const stream = new PassThrough();
  const log = new FaultLog(new TraceLog(stream));
  for (let i = 0; i < 5000; i++) {
    stream.write(
      `1@${i}.000001:vtd_dmar_fault sid 0x${(i % 0x1_0000).toString(16)} fault 5 addr 0xffffc000 write 1\n`,
    );
  }
  stream.write('1@9999.000000:vtd_dmar_enable enable 1\n1@9999.000000:vtd_dmar_fault something else\n');
  await new Promise(setImmediate);
  log.add(7, 0xffff, 0xfe);
  const seen: [number, number, number][] = [];
  log.forEach((at, requesterId, reason) => {
    seen.push([at, requesterId, reason]);
  });
  expect(log.count).toBe(5001);
  expect(seen[4999]).toEqual([4_999_000.001, 4999, 5]);
  expect(seen[5000]).toEqual([7, 0xffff, 0xfe]);
});
