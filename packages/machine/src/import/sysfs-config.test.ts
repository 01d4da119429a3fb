import { describe, expect, it } from 'vitest';
import { NoteList } from './note-list.ts';
import { sysfsConfig } from './sysfs-config.ts';

const path = 'sys/bus/pci/devices/0000:01:00.0/config';

function read(bytes: Uint8Array): { size: number | undefined; said: string } {
  const notes = new NoteList(path);
  const config = sysfsConfig('0000:01:00.0', new Map([['config', { path, content: bytes }]]), notes);
  return {
    size: config?.bytes.length,
    said: notes
      .all()
      .map((one) => one.message)
      .join(),
  };
}

/** A function with a capability list, of which there are 256 bytes. */
function withList(): Uint8Array {
  const bytes = new Uint8Array(256);
  bytes.set([0x86, 0x80, 0xd3, 0x10, 0x06, 0x04, 0x10, 0x00]);
  bytes[0x34] = 0x50;
  return bytes;
}

describe('a config space in /sys', () => {
  it('is its header alone where tar filled the rest with zeros', () => {
    expect(read(withList())).toEqual({ size: 64, said: expect.stringContaining('without privilege') });
  });

  it('is whole where its list is there, or where it has none', () => {
    const whole = withList();
    whole[0x50] = 0x01;
    expect(read(whole)).toEqual({ size: 256, said: '' });
    const none = withList();
    none[0x06] = 0;
    expect(read(none)).toEqual({ size: 256, said: '' });
  });
});
