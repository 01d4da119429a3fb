import { expect, it } from 'vitest';
import { hexToBytes } from '../build/config-bytes.ts';
import type { CapturedFile } from '../capture/captured-file.ts';
import { importCapture } from '../capture/import-capture.ts';
import { ConfigReader } from '../description/config-reader.ts';

/** A network card's first 64 bytes, as `/sys` gives them to an ordinary user. */
function card(name: string, command: number, pointer: number, driver?: string): CapturedFile[] {
  const content = new Uint8Array(64);
  content.set([0x86, 0x80, 0xd3, 0x10, command & 0xff, command >> 8, 0x10]);
  content[0x0b] = 0x02;
  content[0x34] = pointer;
  content[0x3d] = 1;
  const folder = `sys/bus/pci/devices/${name}`;
  const link = { path: `${folder}/driver`, content: '', link: `../../../bus/pci/drivers/${driver}` };
  return [{ path: `${folder}/config`, content }, ...(driver === undefined ? [] : [link])];
}

it('functions whose interrupt line is off use messages, where nobody could read their capabilities', () => {
  const { machine, notes } = importCapture(
    [
      ...card('0000:00:01.0', 0x0507, 0xc8, 'e1000e'),
      ...card('0000:00:02.0', 0x0107, 0xc8, 'e1000e'),
      ...card('0000:00:03.0', 0x0507, 0xc8),
      // There is no room for it.
      ...card('0000:00:04.0', 0x0507, 0xf8, 'e1000e'),
    ],
    { name: 'x' },
  );
  const functions = machine?.functions ?? [];
  expect(functions.map(({ endpoint }) => endpoint.traits.interrupt)).toEqual(['msi', 'intx', 'intx', 'intx']);
  const [first] = functions.map(({ config }) => new ConfigReader(hexToBytes(config) as Uint8Array));
  expect(first?.capability(0x05)).toBe(0xc8);
  expect(machine?.inferred).toContainEqual(
    expect.objectContaining({ path: '/functions/0/config', value: '0xc8..0xd5' }),
  );
  expect(notes.map(({ message }) => message)).toContainEqual(
    '0000:00:01.0 is taken to use MSI, since the interrupt line is off: the capabilities are not in the capture',
  );
});

it('a whole config space is left as it is', () => {
  const content = new Uint8Array(256);
  content.set(card('0000:00:01.0', 0x0507, 0xc8)[0]?.content as Uint8Array);
  // Power management.
  content.set([0x01, 0x00, 0x03], 0xc8);
  const path = 'sys/bus/pci/devices/0000:00:01.0';
  const { machine } = importCapture(
    [
      { path: `${path}/config`, content },
      { path: `${path}/driver`, content: '', link: '../x/e1000e' },
    ],
    { name: 'x' },
  );
  expect(machine?.functions[0]?.config).toBe(Buffer.from(content).toString('hex'));
});
