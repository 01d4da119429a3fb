import { beforeEach, describe, expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { DATA, DEPTH, DISK_MS, FRAMES, ieee, MptHost, mpi, REPLIES, REPLY_FREE } from './testing/mpt-host.ts';

let host: MptHost;
beforeEach(() => {
  host = new MptHost();
});

describe('requests', () => {
  beforeEach(() => {
    expect(host.initialise()).toBe(0);
  });

  it('reads a frame soon after its descriptor, and answers with a descriptor and an interrupt after the disk', () => {
    host.scsi(3, 4096, ieee(DATA, 4096));
    host.post(3);
    host.run(1);
    host.put(FRAMES + 3 * 128 + 0x60, DATA + 0x8000);
    expect(host.reply(0)).toBeUndefined();
    host.run(DISK_MS);
    expect(host.reply(0)).toEqual({ type: 0, smid: 3, frame: 0 });
    expect([host.isWritten(DATA), host.isWritten(DATA + 4095)]).toEqual([true, true]);
    expect(host.isWritten(DATA + 4096)).toBe(false);
    expect(host.isWritten(DATA + 0x8000)).toBe(false);
    expect(host.port.totals.interrupts).toBe(1);
    expect(host.read(0x30) & 8).toBe(8);
    host.write(0x6c, 1);
    host.run(1);
    expect(host.read(0x30) & 8).toBe(0);
    expect(host.port.totals.deasserts).toBe(1);
  });

  it('reads memory where the disk is written, and says so for a request on the fast path', () => {
    host.scsi(1, 4096, ieee(DATA, 4096), { writes: true });
    host.post(1, 0x0c);
    const before = host.port.totals.readBytes;
    host.run(DISK_MS + 1);
    expect(host.port.totals.readBytes - before).toBeGreaterThanOrEqual(4096);
    expect(host.isWritten(DATA)).toBe(false);
    expect(host.reply(0)?.type).toBe(6);
  });

  it('takes one request after the other from the disk', () => {
    for (let smid = 1; smid <= 4; smid++) {
      host.scsi(smid, 512, ieee(DATA + smid * 4096, 512));
      host.post(smid);
    }
    host.run(2.5 * DISK_MS);
    expect([0, 1, 2].map((slot) => host.reply(slot)?.smid)).toEqual([1, 2, undefined]);
    host.run(2 * DISK_MS);
    expect(host.reply(3)?.smid).toBe(4);
    expect(host.engine.nextTime).toBe(Number.POSITIVE_INFINITY);
  });

  it('follows chains, and stops at the end of the data', () => {
    const chain = 0x18_0000;
    host.put(chain, ...ieee(DATA + 0x1000, 512, 0), ...ieee(DATA + 0x2000, 8192));
    host.scsi(1, 2048, [...ieee(DATA, 512, 0), ...ieee(chain, 32, 0x80)]);
    host.post(1);
    host.run(DISK_MS + 1);
    expect(host.reply(0)?.type).toBe(0);
    expect([0, 0x1000, 0x2000, 0x23ff].map((at) => host.isWritten(DATA + at))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(host.isWritten(DATA + 0x2400)).toBe(false);
  });

  it('costs time where a chain leads to itself, and does not hang', () => {
    const chain = 0x18_0000;
    host.put(chain, ...ieee(chain, 16, 0x80));
    host.scsi(1, 512, ieee(chain, 16, 0x80));
    host.post(1);
    host.run(500);
    expect(host.reply(0)).toBeUndefined();
    expect(host.port.totals.readRequests).toBeLessThan(50 * 16 * 4 + 100);
  });

  it.each([
    ['a function that it does not know', (): void => host.put(FRAMES + 128, 0x7700_0009), 0x01],
    ['no device', (): void => host.scsi(1, 512, ieee(DATA, 512), { handle: 0 }), 0x42],
    ['a list that is too short', (): void => host.scsi(1, 1024, ieee(DATA, 512)), 0x44],
    ['an address inside of the controller', (): void => host.scsi(1, 512, ieee(DATA, 512, 0x41)), 0x03],
  ])('says in a reply frame what it has against %s', (_what, write, status) => {
    write();
    host.post(1);
    host.run(DISK_MS + 1);
    expect(host.reply(0)).toEqual({ type: 1, smid: 1, frame: REPLIES });
    expect(host.status(0)).toBe(status);
  });

  it('enables its port at once', () => {
    host.put(FRAMES + 128, 0x0600_0000);
    host.post(1, 8);
    host.run(1);
    expect([host.reply(0)?.type, host.status(0)]).toEqual([1, 0]);
  });

  it('waits with what it has to say until the host lends a frame', () => {
    host.write(0x48, 0);
    host.put(FRAMES + 128, 0x7700_0000);
    host.post(1);
    host.run(50);
    expect(host.reply(0)).toBeUndefined();
    host.write(0x48, 1);
    host.run(1);
    expect(host.reply(0)?.type).toBe(1);
  });

  it('waits for room among the replies', () => {
    for (let smid = 1; smid <= DEPTH; smid++) {
      host.scsi(smid, 512, ieee(DATA, 512));
      host.post(smid);
    }
    host.run(DEPTH * DISK_MS * 2);
    expect(host.reply(DEPTH - 2)?.smid).toBe(DEPTH - 1);
    expect(host.reply(DEPTH - 1)).toBeUndefined();
    host.write(0x6c, 5);
    host.run(1);
    expect(host.reply(DEPTH - 1)?.smid).toBe(DEPTH);
  });

  it('is silent while its interrupt is masked', () => {
    host.write(0x34, 9);
    host.scsi(1, 512, ieee(DATA, 512));
    host.post(1);
    host.run(DISK_MS + 1);
    expect([host.reply(0)?.smid, host.port.totals.interrupts]).toEqual([1, 0]);
    host.write(0x34, 1);
    host.run(1);
    expect(host.port.totals.interrupts).toBe(1);
  });
});

describe('lists of MPI 2.0', () => {
  it.each([
    ['elements of 64 bits', [...mpi(DATA, 512, 0x12), ...mpi(DATA + 0x1000, 512)], 0],
    ['elements of 32 bits', [(0x10 << 24) | 512, DATA, (0xd1 << 24) | 512, DATA + 0x1000], 0],
    ['IEEE elements', [...ieee(DATA, 512, 0), ...ieee(DATA + 0x1000, 512)], 2],
  ])('have %s', (_what, list, flags) => {
    expect(host.initialise(0x0200)).toBe(0);
    host.scsi(1, 1024, list, { flags });
    host.post(1);
    host.run(DISK_MS + 1);
    expect(host.reply(0)?.type).toBe(0);
    expect([host.isWritten(DATA + 511), host.isWritten(DATA + 0x11ff)]).toEqual([true, true]);
  });

  it('may not have IEEE elements of 32 bits, which no driver sends', () => {
    host.initialise(0x0200);
    host.scsi(1, 512, mpi(DATA, 512), { flags: 1 });
    host.post(1);
    host.run(DISK_MS + 1);
    expect(host.status(0)).toBe(3);
  });
});

describe('the firmware', () => {
  it('is ready after power-on, and operational after IOCInit', () => {
    expect(host.state).toBe(1);
    expect(host.read(0) & 0x0700_0000).toBe(0);
    expect(host.initialise()).toBe(0);
    expect(host.state).toBe(2);
    expect((host.read(0) >>> 24) & 7).toBe(4);
    expect(host.initialise()).toBe(8);
  });

  it('tells what it is', () => {
    const facts = host.handshake([0x0300_0000, 0, 0]);
    expect(facts).toHaveLength(34);
    expect([facts[0], facts[1], facts[12], facts[14], facts[18]]).toEqual([0x0200, 0x0311, 255, 0x2000, 32]);
    expect(host.handshake([0x7700_0000, 0, 0])[7]).toBe(1);
  });

  it.each([
    ['a version', { 3: 0x0100 }],
    ['a frame size', { 6: 0 }],
    ['a reply queue that is no multiple of 16', { 7: (DEPTH << 16) | 17 }],
    ['a reply queue', { 7: DEPTH << 16 }],
  ])('does not initialise without %s', (_what, change) => {
    expect(host.initialise(0x0205, change)).toBe(7);
    expect(host.state).toBe(1);
  });

  it('shows a handshake that was broken off, and goes on with it alone', () => {
    host.write(0, 0x4203_0000);
    expect(host.read(0) & 0x0800_0000).not.toBe(0);
    host.write(0, 0x4000_0000);
    expect(host.state).toBe(1);
    expect(host.read(0) & 0x0800_0000).not.toBe(0);
    host.diagnosticReset();
    host.run(700);
    expect(host.read(0)).toBe(0x1000_0000);
  });

  it('forgets requests in a message unit reset', () => {
    host.initialise();
    host.scsi(1, 512, ieee(DATA, 512));
    host.post(1);
    host.run(1);
    host.write(0, 0x4000_0000);
    expect(host.state).toBe(0);
    host.run(3);
    expect(host.state).toBe(1);
    host.run(100);
    expect([host.isWritten(DATA), host.engine.nextTime]).toEqual([false, Number.POSITIVE_INFINITY]);
    expect(host.initialise()).toBe(0);
  });

  it('is started anew by a diagnostic reset, which takes its keys', () => {
    host.initialise();
    host.diagnosticReset([0, 0xf, 4, 0xb, 2, 7]);
    expect(host.state).toBe(2);
    host.diagnosticReset([0, 0xf, 4, 0xc, 2, 7, 0xd]);
    expect(host.state).toBe(2);
    host.diagnosticReset();
    expect(host.state).toBe(0);
    expect(host.read(8)).toBe(0x24);
    host.run(100);
    expect(host.read(8)).toBe(0x20);
    expect(host.state).toBe(0);
    host.run(600);
    expect(host.state).toBe(1);
  });

  it.each(['conventional', 'function-level'] as const)('is started anew by a %s reset', (kind) => {
    host.initialise();
    host.scsi(1, 512, ieee(DATA, 512));
    host.post(1);
    host.engine.reset(kind, host.port.now);
    expect(host.state).toBe(0);
    host.post(1);
    host.run(700);
    expect(host.state).toBe(1);
    expect(host.isWritten(DATA)).toBe(false);
  });
});

describe('refusals', () => {
  const refuseFrom = (start: number): void => {
    host.port.answer = (address) => (address >= start ? Completion.unsupportedRequest : Completion.success);
  };
  const begin = (reaction: 'stop-until-reset' | 'fatal-error' | 'ignore' | 'retry'): void => {
    host = new MptHost({ onRefusal: reaction });
    host.initialise();
  };

  it('of a write pass unnoticed: the disk is read, and the reply comes', () => {
    begin('stop-until-reset');
    host.scsi(1, 4096, ieee(DATA, 4096));
    host.post(1);
    refuseFrom(DATA);
    host.run(DISK_MS + 1);
    expect(host.port.totals.refused).toBe(32);
    expect(host.reply(0)).toEqual({ type: 0, smid: 1, frame: 0 });
    expect(host.state).toBe(2);
  });

  it('of a read are a fault with its code, which only a diagnostic reset cures', () => {
    begin('stop-until-reset');
    host.scsi(1, 4096, ieee(DATA, 4096), { writes: true });
    host.post(1);
    refuseFrom(DATA);
    host.run(DISK_MS + 1);
    expect(host.read(0)).toBe(0x4400_2666);
    expect(host.engine.nextTime).toBe(Number.POSITIVE_INFINITY);
    host.write(0, 0x4000_0000);
    host.run(10);
    expect(host.state).toBe(4);
    host.diagnosticReset();
    host.run(700);
    expect(host.read(0)).toBe(0x1000_0000);
    expect(host.port.totals.fatalErrors).toBe(0);
  });

  it('that are a fatal error leave it dead until a reset from outside', () => {
    begin('fatal-error');
    refuseFrom(FRAMES);
    host.post(1);
    host.run(1);
    expect([host.state, host.port.totals.fatalErrors]).toEqual([4, 1]);
    host.diagnosticReset();
    host.run(700);
    expect(host.state).toBe(4);
    host.engine.reset('conventional', host.port.now);
    host.run(700);
    expect(host.state).toBe(1);
  });

  it('of a frame are an error of this request alone where they are ignored', () => {
    begin('ignore');
    host.port.answer = (address) =>
      address >= FRAMES && address < FRAMES + 0x1000 ? Completion.unsupportedRequest : Completion.success;
    host.post(1);
    host.run(DISK_MS + 1);
    expect(host.status(0)).toBe(4);
  });

  it('of the queue of free reply frames leave a descriptor without one', () => {
    begin('ignore');
    host.put(FRAMES + 128, 0x7700_0000);
    host.port.answer = (address) =>
      address >= REPLY_FREE && address < REPLIES ? Completion.unsupportedRequest : Completion.success;
    host.post(1);
    host.run(1);
    expect(host.reply(0)).toEqual({ type: 1, smid: 1, frame: 0 });
  });

  it('are tried again by one that does, until they succeed', () => {
    begin('retry');
    host.scsi(1, 512, ieee(DATA, 512), { writes: true });
    host.post(1);
    refuseFrom(DATA);
    host.run(DISK_MS + 5);
    expect(host.reply(0)).toBeUndefined();
    host.port.answer = () => Completion.success;
    host.run(2);
    expect(host.reply(0)?.smid).toBe(1);
  });
});

it('goes on with its requests when bus mastering comes back', () => {
  host.initialise();
  host.scsi(1, 512, ieee(DATA, 512));
  host.post(1);
  host.run(1);
  host.engine.busMasterChanged(false, host.port.now);
  host.run(50);
  expect(host.isWritten(DATA)).toBe(false);
  host.engine.busMasterChanged(true, host.port.now);
  host.run(1);
  expect(host.reply(0)?.smid).toBe(1);
});
