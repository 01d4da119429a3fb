import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { QmpClient } from './qmp-client.ts';

/** A QEMU that greets, answers what it knows, and says what it is told to. */
function peer(answers: Readonly<Record<string, object>>): Duplex {
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      const { execute, id } = JSON.parse(chunk.toString()) as { execute: string; id: number };
      const answer = answers[execute];
      if (answer !== undefined) this.push(`${JSON.stringify({ id, ...answer })}\n`);
      done();
    },
  });
  stream.push('{"QMP": {}}\n');
  return stream;
}

it('negotiates, executes, and tells events from answers', async () => {
  const stream = peer({
    qmp_capabilities: { return: {} },
    'query-status': { return: { status: 'paused' } },
    'human-monitor-command': { return: 'pc=0xfff0' },
  });
  const qmp = new QmpClient(stream);
  await qmp.negotiate();
  const event = qmp.event('SHUTDOWN', 1000);
  stream.push('{"event": "SHUTDOWN", "data": {"guest": true}}\nno JSON at all\n');
  expect(await qmp.execute('query-status')).toEqual({ status: 'paused' });
  expect(await qmp.monitor('info registers')).toBe('pc=0xfff0');
  expect(await event).toMatchObject({ event: 'SHUTDOWN', data: { guest: true } });
});

it("refusals carry QEMU's words; silence is a time-out", async () => {
  const qmp = new QmpClient(peer({ migrate: { error: { class: 'GenericError', desc: 'State blocked' } } }));
  await expect(qmp.execute('migrate')).rejects.toMatchObject({
    code: 'QMP_REFUSED',
    message: 'State blocked',
  });
  await expect(qmp.execute('stop', {}, 10)).rejects.toMatchObject({ code: 'QEMU_TIMEOUT' });
});
