import { type Nanoseconds, PAGE_SIZE, RegisterFile } from '@quiesce/simulation';
import { addressPlus } from '../descriptor-address.ts';
import type { EndpointDescription } from '../endpoint-description.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { MasteringEngine } from '../mastering-engine.ts';
import { DISPLAY_PIPE, displayPlane } from './scan-out-registers.ts';

const field = displayPlane.field;
const DSPCNTR = field['DSPCNTR.ENABLE'].offset;
const DSPSURF = field['DSPSURF.BASE'].offset;
/** A display that reads less than this many lines a second out of the host's memory has a frame buffer of its own. */
const RATE_OF_OWN_FRAME_BUFFER = 1;

interface ScanState extends Record<string, number> {
  line: number;
  frames: number;
}

/**
 * A display plane that reads its frame buffer line by line for ever. The surface address is used as it stands
 * in the register: there is no table of the graphics device's own in between.
 */
export class ScanOutEngine extends MasteringEngine<ScanState> {
  readonly #file: RegisterFile;

  constructor(description: EndpointDescription, seed: number) {
    const file = new RegisterFile(displayPlane.size);
    file.place(displayPlane);
    super(description, seed, [{ base: DISPLAY_PIPE, file }], { line: 0, frames: 0 });
    this.#file = file;
    file.onWrite(DSPCNTR, 32, () => this.#controlWritten());
  }

  /** A display with a frame buffer of its own needs no bus mastering for its picture. */
  get showsPicture(): boolean {
    const { suspended, halted } = this.state;
    const ownFrameBuffer = this.description.workload.ratePerSecond < RATE_OF_OWN_FRAME_BUFFER;
    const reads = ownFrameBuffer || suspended === 0;
    return this.#file.get(field['DSPCNTR.ENABLE']) === 1 && halted === 0 && reads;
  }

  protected override refreshRegisters(): void {
    this.#file.set(field['PIPEDSL.LINE'], this.state.line);
    this.#file.set(field['PIPEFRAME.COUNT'], this.state.frames);
  }

  protected override work(port: EndpointPort, horizon: Nanoseconds): void {
    const state = this.state;
    const stride = this.#file.get(field['DSPSTRIDE.STRIDE']) * 64;
    const lineBytes = Math.min(this.description.workload.bytesPerUnit, stride);
    const address = addressPlus(this.#file.peek32(DSPSURF), state.line * stride);
    const bursts = lineBytes / this.description.workload.burstBytes;
    if (!this.move(port, false, address, lineBytes)) return;
    let lines = 1;
    // Whole lines that follow without a gap in the same answer look like one long run of bursts.
    const contiguous =
      stride === lineBytes && Number.isInteger(bursts) && address % PAGE_SIZE <= PAGE_SIZE - stride;
    if (contiguous && port.steady) {
      const burst = this.description.workload.burstBytes;
      const end = address + lineBytes;
      const inAnswer = this.lastAddress + port.validFor - end;
      const inPage = PAGE_SIZE - (address % PAGE_SIZE) - lineBytes;
      const inFrame = this.#lines() - state.line - 1;
      const inTime = Math.ceil((Math.min(horizon, state.lineTime) - port.now) / this.period) - 1;
      const more = Math.min(inFrame, inTime, Math.floor(Math.min(inAnswer, inPage) / lineBytes));
      if (more > 0) {
        if (!this.request(port, false, end, burst, more * bursts)) return;
        lines += more;
        state.lastReadAt = port.now + more * this.period;
      }
    }
    state.workTime = port.now + lines * this.period;
    state.line += lines;
    if (state.line < this.#lines()) return;
    state.line = 0;
    state.frames = (state.frames + 1) % 0x1_0000_0000;
  }

  #lines(): number {
    return this.#file.get(field['DSPSIZE.LINES']) + 1;
  }

  #controlWritten(): void {
    const state = this.state;
    if (this.#file.get(field['DSPCNTR.ENABLE']) === 0) {
      state.workTime = Number.POSITIVE_INFINITY;
      state.halted = 0;
    } else if (state.workTime === Number.POSITIVE_INFINITY) {
      state.line = 0;
      state.moved = 0;
      state.workTime = this.nextTick(this.now);
    }
  }
}
