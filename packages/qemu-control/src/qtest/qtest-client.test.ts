import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { QtestClient } from './qtest-client.ts';

/** Answers each command by itself; in pieces of three bytes. */
function answering(answer: (command: string) => string): { stream: Duplex; seen: string[] } {
  const seen: string[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      const commands = chunk.toString('latin1').trimEnd().split('\n');
      seen.push(...commands);
      const text = commands.map((one) => `${answer(one)}\n`).join('');
      for (let at = 0; at < text.length; at += 3) this.push(Buffer.from(text.slice(at, at + 3), 'latin1'));
      done();
    },
  });
  return { stream, seen };
}

it('gives each caller its own answers, in order', async () => {
  const { stream, seen } = answering((command) =>
    command.startsWith('read') ? `OK 0x${command.slice(-2)}` : 'OK',
  );
  const qtest = new QtestClient(stream);
  const [first, , second] = await Promise.all([
    qtest.run(['readl 0x10', 'writel 0x20 0x1', 'readl 0x30']),
    qtest.write(0x40, 2, 0xbeef),
    qtest.read(0x50, 1),
  ]);
  expect(first).toEqual([0x10, 0, 0x30]);
  expect(second).toBe(0x50);
  expect(seen).toEqual(['readl 0x10', 'writel 0x20 0x1', 'readl 0x30', 'writew 0x40 0xbeef', 'readb 0x50']);
});

it('reads and writes ports and bytes', async () => {
  const { stream, seen } = answering((command) => (command.startsWith('b64read') ? 'OK 6/4=' : 'OK 0x80'));
  const qtest = new QtestClient(stream);
  expect(await qtest.readPort(0xcf8, 4)).toBe(0x80);
  await qtest.writePort(0xcfc, 1, 3);
  expect([...(await qtest.readBytes(0x1000, 2))]).toEqual([0xeb, 0xfe]);
  await qtest.writeBytes(0x1000, new Uint8Array([0xeb, 0xfe]));
  await qtest.writeBytes(0x1000, new Uint8Array());
  expect(seen).toEqual(['inl 0xcf8', 'outb 0xcfc 0x3', 'b64read 0x1000 0x2', 'b64write 0x1000 0x2 6/4=']);
});

it('a command that is refused is named with what QEMU said', async () => {
  const { stream } = answering(() => 'FAIL Unknown command');
  await expect(new QtestClient(stream).run(['readx 0'])).rejects.toMatchObject({
    code: 'QTEST_REFUSED',
    message: 'qtest: readx 0: FAIL Unknown command',
  });
});
