import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunningHash } from '../state/running-hash.ts';
import { isBacked, type MemoryOwner, type MemoryRegion, memoryOwners } from './memory-map.ts';
import { PhysicalMemory } from './physical-memory.ts';

const ram: MemoryRegion = { start: 0, end: 0x10_0000, owner: 'first-kernel' };

function hashOf(memory: PhysicalMemory): string {
  const hash = new RunningHash();
  memory.hashInto(hash);
  return hash.digest();
}

describe('PhysicalMemory', () => {
  it('is little-endian, zero at first, all ones where nothing is', () => {
    const memory = new PhysicalMemory([ram]);
    const cpu = memory.writer('cpu');
    expect(memory.read32(0x1000)).toBe(0);
    memory.write32(0x1000, 0xdead_beef, cpu);
    expect([memory.read8(0x1000), memory.read16(0x1002), memory.read32(0x0fff)]).toEqual([
      0xef, 0xdead, 0xadbe_ef00,
    ]);
    expect(memory.read32(0x10_0000)).toBe(0xffff_ffff);
    expect(memory.read32(0xfee0_0000)).toBe(0xffff_ffff);
  });

  it('reaches up to 52 bits and not beyond', () => {
    const top = 2 ** 52 - 4096;
    const memory = new PhysicalMemory([{ start: top, end: 2 ** 52, owner: 'first-kernel' }]);
    const cpu = memory.writer('cpu');
    memory.write32(2 ** 52 - 4, 0x8000_0001, cpu);
    expect(memory.read32(2 ** 52 - 4)).toBe(0x8000_0001);
    expect(() => memory.write32(2 ** 52, 1, cpu)).toThrow(/52 bits/);
    expect(() => memory.write8(-1, 1, cpu)).toThrow(/52 bits/);
  });

  it('stores only pages that somebody wrote', () => {
    const memory = new PhysicalMemory([{ start: 0, end: 2 ** 45, owner: 'first-kernel' }]);
    memory.read32(2 ** 40);
    memory.readBytes(2 ** 41, 100_000);
    expect(memory.pageCount).toBe(0);
    memory.write8(2 ** 40, 1, memory.writer('cpu'));
    expect(memory.pageCount).toBe(1);
  });

  it('knows what nobody wrote, by pages', () => {
    const memory = new PhysicalMemory([ram]);
    memory.write8(0x3000, 0, memory.writer('cpu'));
    expect(memory.isUntouched(0x1000, 0x2000)).toBe(true);
    expect(memory.isUntouched(0x1000, 0x2001)).toBe(false);
    expect(memory.isUntouched(0x3fff, 1)).toBe(false);
    expect(memory.isUntouched(0xf_f000, 0x1000)).toBe(true);
    expect(memory.isUntouched(0xf_f000, 0x1001), 'no memory reads as ones').toBe(false);
  });

  it('says who wrote last, by blocks of 64 bytes', () => {
    const memory = new PhysicalMemory([ram]);
    memory.writeBytes(0x1000, new Uint8Array(200), memory.writer('kernel'));
    memory.write8(0x1040, 1, memory.writer('0000:01:00.0'));
    expect([0x1000, 0x1040, 0x107f, 0x1080, 0x1100].map((at) => memory.lastWriterAt(at))).toEqual([
      'kernel',
      '0000:01:00.0',
      '0000:01:00.0',
      'kernel',
      undefined,
    ]);
  });

  it('books by epoch, writer and owner, dropped writes too', () => {
    const memory = new PhysicalMemory([ram, { start: 0x2000, end: 0x3000, owner: 'crash-kernel' }]);
    const nic = memory.writer('nic');
    expect(memory.writer('nic')).toBe(nic);
    memory.writePattern(0x1f00, 0x200, 7, nic);
    memory.ledger.beginEpoch('second kernel');
    memory.write32(0xfee0_0000, 1, nic);
    memory.write32(0x2000, 1, nic);
    memory.ledger.beginEpoch('start');
    memory.write8(0x1000, 1, nic);
    expect(memory.ledger.entries()).toEqual([
      {
        epoch: 'start',
        writer: 'nic',
        owner: 'first-kernel',
        bytes: 0x101,
        firstAddress: 0x1f00,
        lastAddress: 0x1000,
      },
      {
        epoch: 'start',
        writer: 'nic',
        owner: 'crash-kernel',
        bytes: 0x100,
        firstAddress: 0x2000,
        lastAddress: 0x2000,
      },
      {
        epoch: 'second kernel',
        writer: 'nic',
        owner: 'interrupt-window',
        bytes: 4,
        firstAddress: 0xfee0_0000,
        lastAddress: 0xfee0_0000,
      },
      {
        epoch: 'second kernel',
        writer: 'nic',
        owner: 'crash-kernel',
        bytes: 4,
        firstAddress: 0x2000,
        lastAddress: 0x2000,
      },
    ]);
  });

  it('finds memory that begins in the midst of a page without owner', () => {
    const memory = new PhysicalMemory([{ start: 0x1800, end: 0x2000, owner: 'firmware' }]);
    expect(memory.writePattern(0x1000, 0x1000, 7, memory.writer('nic'))).toBe('none');
    expect(memory.ledger.entries().map(({ owner, bytes }) => [owner, bytes])).toEqual([
      ['none', 0x800],
      ['firmware', 0x800],
    ]);
    expect(memory.readBytes(0x17ff, 2)).toEqual(Uint8Array.of(0xff, memory.read8(0x1800)));
    expect(memory.read8(0x1fff)).not.toBe(0);
  });

  it('writes a pattern that follows from seed and page', () => {
    const [one, other] = [new PhysicalMemory([ram]), new PhysicalMemory([ram])];
    one.writePattern(0x1010, 0x1000, 0x5a, one.writer('a'));
    for (let at = 0x1010; at < 0x2010; at += 16) other.writePattern(at, 16, 0x5a, other.writer('a'));
    expect(one.readBytes(0x1000, 0x2000)).toEqual(other.readBytes(0x1000, 0x2000));
    expect(one.read8(0x1010)).not.toBe(one.read8(0x2000));
  });

  it('forgets memory that becomes a hole, and finds it again', () => {
    const memory = new PhysicalMemory([ram]);
    memory.write32(0x1000, 42, memory.writer('cpu'));
    memory.map.assign({ start: 0x1000, end: 0x2000, owner: 'mmio' });
    expect(memory.read32(0x1000)).toBe(0xffff_ffff);
    memory.map.assign({ start: 0x1000, end: 0x2000, owner: 'dump-relevant' });
    expect(memory.read32(0x1000)).toBe(42);
  });
});

const BASE = 0x3f00;
const LENGTH = 0x1200;
const place = fc.integer({ min: BASE, max: BASE + LENGTH - 1 });
const step = fc.oneof(
  fc.record({ do: fc.constantFrom('write8', 'write16', 'write32'), at: place, value: fc.nat(0xffff_ffff) }),
  fc.record({ do: fc.constant('bytes'), at: place, value: fc.nat(400) }),
  fc.record({ do: fc.constant('pattern'), at: place, value: fc.nat(400) }),
  fc.record({ do: fc.constant('assign'), at: place, value: fc.nat(3000) }),
  fc.record({ do: fc.constant('move'), at: place, value: fc.constant(0) }),
);

describe('against one owner, value and writer per byte', () => {
  it('reads, owns and attributes alike', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let memory = new PhysicalMemory([{ start: 0x4000, end: 0x5000, owner: 'first-kernel' }]);
        const size = LENGTH + 512;
        const owner = Array.from(
          { length: size },
          (_, i): MemoryOwner => (BASE + i >= 0x4000 && BASE + i < 0x5000 ? 'first-kernel' : 'none'),
        );
        const value = new Uint8Array(size);
        const written = new Map<MemoryOwner, number>();
        const put = (at: number, byte: number): void => {
          const whose = owner[at - BASE] as MemoryOwner;
          written.set(whose, (written.get(whose) ?? 0) + 1);
          if (isBacked(whose)) value[at - BASE] = byte;
        };
        for (const { do: what, at, value: n } of steps) {
          const writer = memory.writer(what);
          if (what === 'write8') memory.write8(at, n & 0xff, writer);
          if (what === 'write16') memory.write16(at, n & 0xffff, writer);
          if (what === 'write32') memory.write32(at, n, writer);
          const width = what === 'write8' ? 1 : what === 'write16' ? 2 : what === 'write32' ? 4 : 0;
          // An aligned access is booked by its first byte, as it belongs to one owner on any real machine.
          for (let i = 0; i < width; i++) put(at + i, (n / 2 ** (8 * i)) & 0xff);
          if (what === 'bytes') {
            const data = Uint8Array.from({ length: n }, (_, i) => i * 7 + at);
            memory.writeBytes(at, data, writer);
            for (const [i, byte] of data.entries()) put(at + i, byte);
          }
          if (what === 'pattern') {
            memory.writePattern(at, n, at, writer);
            for (let i = 0; i < n; i++) put(at + i, (at ^ Math.floor((at + i) / 4096)) & 0xff);
          }
          if (what === 'assign') {
            const whose = memoryOwners[n % memoryOwners.length] as MemoryOwner;
            const start = at - (at % 4);
            const end = Math.min(start + 4 + n - (n % 4), BASE + size);
            memory.map.assign({ start, end, owner: whose });
            owner.fill(whose, start - BASE, end - BASE);
          }
          if (what === 'move') {
            const moved = new PhysicalMemory();
            moved.write8(0, 1, moved.writer('somebody else'));
            moved.restore(structuredClone(memory.snapshot()));
            expect(hashOf(moved)).toBe(hashOf(memory));
            expect(moved.snapshot()).toEqual(memory.snapshot());
            memory = moved;
          }
        }
        const seen = memory.readBytes(BASE, size);
        for (let i = 0; i < size; i++) {
          const expected = isBacked(owner[i] as MemoryOwner) ? value[i] : 0xff;
          if (memory.read8(BASE + i) !== expected || seen[i] !== expected) {
            expect([BASE + i, memory.read8(BASE + i), seen[i]]).toEqual([BASE + i, expected, expected]);
          }
        }
        for (let at = BASE + 0x100; at < BASE + LENGTH; at += 4) {
          const [a = 0, b = 0, c = 0, d = 0] = memory.readBytes(at, 4);
          expect(memory.read32(at)).toBe(a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24);
        }
        const booked = new Map<MemoryOwner, number>();
        for (const entry of memory.ledger.entries()) {
          booked.set(entry.owner, (booked.get(entry.owner) ?? 0) + entry.bytes);
        }
        expect(booked).toEqual(written);
      }),
      { numRuns: 100 },
    );
  });

  it('hashes different contents, owners and writers differently', () => {
    const make = (change: (memory: PhysicalMemory) => void): string => {
      const memory = new PhysicalMemory([ram]);
      memory.writer('a');
      memory.writer('b');
      change(memory);
      return hashOf(memory);
    };
    const hashes = [
      make(() => {}),
      make((memory) => memory.write8(0x1000, 1, 0)),
      make((memory) => memory.write8(0x1000, 2, 0)),
      make((memory) => memory.write8(0x1001, 1, 0)),
      make((memory) => memory.write8(0x1000, 1, 1)),
      make((memory) => memory.map.assign({ start: 0, end: 1, owner: 'mmio' })),
      make((memory) => memory.writer('c')),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
