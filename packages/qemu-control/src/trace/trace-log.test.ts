import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { type TraceEvent, TraceLog } from './trace-log.ts';

it("tells trace events from QEMU's own words", async () => {
  const stream = new PassThrough();
  const log = new TraceLog(stream);
  const events: TraceEvent[] = [];
  const stop = log.onEvent((event) => events.push(event));
  stream.write('4711@1700000000.250000:vtd_dmar_fault sid 0x100 fault 5 addr 0xffffc000 write 1\n');
  stream.write('qemu-system-x86_64: warning: something\n4711@1700000001.000001:vtd_inv_desc\n');
  await new Promise(setImmediate);
  stop();
  stream.end('4711@1700000002.000000:vtd_dmar_enable enable 1\n');
  await new Promise(setImmediate);
  expect(events).toEqual([
    { at: 1_700_000_000_250, name: 'vtd_dmar_fault', text: 'sid 0x100 fault 5 addr 0xffffc000 write 1' },
    { at: 1_700_000_001_000.001, name: 'vtd_inv_desc', text: '' },
  ]);
  expect(log.words).toEqual(['qemu-system-x86_64: warning: something']);
});
