import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framePacket, PacketReader } from './gdb-packets.ts';

function read(...chunks: Buffer[]): string[] {
  const packets: string[] = [];
  const reader = new PacketReader((text) => packets.push(text));
  for (const chunk of chunks) reader.push(chunk);
  return packets;
}

describe('packets of the GDB remote protocol', () => {
  it('have a checksum of two digits', () => {
    expect(framePacket('?')).toBe('$?#3f');
    expect(framePacket('OK')).toBe('$OK#9a');
    expect(framePacket('')).toBe('$#00');
  });

  it('are taken out from between acknowledgements', () => {
    expect(read(Buffer.from('+$OK#9a+$T05thread:01;#07'))).toEqual(['OK', 'T05thread:01;']);
  });

  it('have escaped bytes', () => {
    expect(read(Buffer.from('$a}\x03b#00', 'latin1'))).toEqual(['a#b']);
  });

  it('come through however the stream is cut', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789abcdefOKT;:') });
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.nat(40)), (texts, cuts) => {
        let stream = Buffer.from(texts.map(framePacket).join('+'), 'latin1');
        const chunks: Buffer[] = [];
        for (const cut of cuts) {
          chunks.push(stream.subarray(0, cut));
          stream = stream.subarray(cut);
        }
        expect(read(...chunks, stream)).toEqual(texts);
      }),
    );
  });
});
