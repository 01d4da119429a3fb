import { type Address, milliseconds, type Nanoseconds, RegisterFile } from '@quiesce/simulation';
import { addressPlus, descriptorAddress } from '../descriptor-address.ts';
import type { EndpointDescription } from '../endpoint-description.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { MasteringEngine } from '../mastering-engine.ts';
import { AHCI_PORT, ahciHost, ahciPort } from './ahci-registers.ts';

const host = ahciHost.field;
const port0 = ahciPort.field;

const GHC = host['GHC.HR'].offset;
const IS = host['IS.IPS'].offset;
const PxCLB = port0['PxCLB.BASE'].offset;
const PxCLBU = port0['PxCLBU.BASE'].offset;
const PxFB = port0['PxFB.BASE'].offset;
const PxFBU = port0['PxFBU.BASE'].offset;
const PxIS = port0['PxIS.DHR'].offset;
const PxIE = port0['PxIE.DHR'].offset;
const PxCMD = port0['PxCMD.ST'].offset;
const PxSCTL = port0['PxSCTL.DET'].offset;
const PxCI = port0['PxCI.CI'].offset;

const HEADER_BYTES = 32;
/** Offset of the region descriptors in a command table (AHCI 4.2.3). */
const REGIONS = 0x80;
/** Offset of the D2H Register FIS in the received FIS area (AHCI 4.2.1). */
const D2H_FIS = 0x40;
/** FIS type 34h, interrupt bit, status DRDY. */
const D2H_WORD = 0x0050_4034;
const DRDY = 0x50;
const BUSY = 0x80;
const ATA_DISK = 0x0000_0101;

/** HBA reset and link training. AHCI allows 1 s for the first (10.4.3). */
const HBA_RESET_TIME = milliseconds(1);
const LINK_UP_TIME = milliseconds(10);

/** Region descriptors that one period allows: a header full of garbage names 65,535. */
const REGIONS_PER_PERIOD = 16;

const Stage = { idle: 0, header: 1, region: 2, data: 3, finish: 4 } as const;

interface CommandState extends Record<string, number> {
  slot: number;
  /** 1 if the device reads memory (the W bit of the command header). */
  writesDisk: number;
  regions: number;
  region: number;
  table: Address;
  regionAddress: Address;
  regionBytes: number;
  /** Bytes of the finished regions. */
  bytes: number;
  resetUntil: Nanoseconds;
  linkUpAt: Nanoseconds;
}

/** An AHCI controller with one port and one disk. Issued commands finish one after the other, each after a period. */
export class AhciEngine extends MasteringEngine<CommandState> {
  readonly #host: RegisterFile;
  readonly #port: RegisterFile;

  constructor(description: EndpointDescription, seed: number) {
    const hostFile = new RegisterFile(ahciHost.size);
    hostFile.place(ahciHost);
    const portFile = new RegisterFile(ahciPort.size);
    portFile.place(ahciPort);
    super(
      description,
      seed,
      [
        { base: 0, file: hostFile },
        { base: AHCI_PORT, file: portFile },
      ],
      {
        slot: 0,
        writesDisk: 0,
        regions: 0,
        region: 0,
        table: 0,
        regionAddress: 0,
        regionBytes: 0,
        bytes: 0,
        resetUntil: 0,
        linkUpAt: 0,
      },
    );
    this.#host = hostFile;
    this.#port = portFile;
    hostFile.onWrite(GHC, 32, () => this.#hostControlWritten());
    hostFile.onWrite(IS, 32, () => this.#updateLine());
    portFile.onWrite(PxIS, 32, () => this.#updateLine());
    portFile.onWrite(PxIE, 32, () => this.#updateLine());
    portFile.onWrite(PxCMD, 32, () => this.#commandWritten());
    portFile.onWrite(PxSCTL, 32, (_offset, _written, previous) => this.#linkWritten(previous));
    portFile.onWrite(PxCI, 32, () => this.#issued());
  }

  override reset(kind: 'cold' | 'conventional' | 'function-level', now: Nanoseconds): void {
    super.reset(kind, now);
    this.state.linkUpAt = now + LINK_UP_TIME;
  }

  protected override refreshRegisters(): void {
    const port = this.#port;
    const inReset = this.now < this.state.resetUntil;
    this.#host.set(host['GHC.HR'], inReset ? 1 : 0);
    const up = this.now >= this.state.linkUpAt && port.get(port0['PxSCTL.DET']) === 0;
    port.set(port0['PxSSTS.DET'], up ? 3 : 0);
    port.set(port0['PxSSTS.SPD'], up ? 3 : 0);
    port.set(port0['PxSSTS.IPM'], up ? 1 : 0);
    // The disk's first FIS needs a place to go to (AHCI 10.4.2).
    if (up && port.get(port0['PxCMD.FRE']) === 1) port.set(port0['PxSIG.SIG'], ATA_DISK);
    const busy = this.state.workTime !== Number.POSITIVE_INFINITY ? BUSY : 0;
    port.set(port0['PxTFD.STS'], up ? DRDY | busy : 0x7f);
  }

  protected override onHalt(port: EndpointPort): void {
    this.#port.set(port0['PxIS.HBF'], 1);
    this.#port.set(port0['PxCMD.CR'], 0);
    this.#interruptIfEnabled(port);
  }

  protected override work(port: EndpointPort): void {
    const state = this.state;
    if (state.stage === Stage.idle) {
      state.slot = lowestBit(this.#port.peek32(PxCI));
      state.region = 0;
      state.bytes = 0;
      state.stage = Stage.header;
    }
    if (state.stage === Stage.header && !this.#readHeader(port)) return;
    for (let started = 0; state.stage === Stage.region || state.stage === Stage.data; started++) {
      if (started === REGIONS_PER_PERIOD) {
        state.workTime = port.now + this.period;
        return;
      }
      if (state.stage === Stage.region && !this.#readRegion(port)) return;
      if (state.stage !== Stage.data) break;
      if (!this.move(port, state.writesDisk === 0, state.regionAddress, state.regionBytes)) return;
      state.bytes += state.regionBytes;
      state.region++;
      state.stage = Stage.region;
    }
    if (!this.#finish(port)) return;
    state.stage = Stage.idle;
    state.workTime = this.#port.peek32(PxCI) === 0 ? Number.POSITIVE_INFINITY : port.now + this.period;
    this.#port.set(port0['PxIS.DHR'], 1);
    this.#interruptIfEnabled(port);
  }

  #readHeader(port: EndpointPort): boolean {
    const state = this.state;
    const header = this.#header();
    if (!this.fetch(port, header)) return false;
    const word = this.fetched;
    if (!this.fetch(port, addressPlus(header, 8))) return false;
    const low = this.fetched;
    if (!this.fetch(port, addressPlus(header, 12))) return false;
    state.table = descriptorAddress(low & ~0x7f, this.fetched);
    state.writesDisk = (word >>> 6) & 1;
    state.regions = word >>> 16;
    state.stage = Stage.region;
    return true;
  }

  #readRegion(port: EndpointPort): boolean {
    const state = this.state;
    if (state.region >= state.regions) {
      state.stage = Stage.finish;
      return true;
    }
    const at = addressPlus(state.table, REGIONS + state.region * 16);
    if (!this.fetch(port, at)) return false;
    const low = this.fetched;
    if (!this.fetch(port, addressPlus(at, 4))) return false;
    const high = this.fetched;
    if (!this.fetch(port, addressPlus(at, 12))) return false;
    state.regionAddress = descriptorAddress(low & ~1, high);
    // A refused descriptor describes nothing; a count of 0 would mean one byte (AHCI 4.2.3.3).
    state.regionBytes = this.fetchRefused ? 0 : (this.fetched & 0x003f_ffff) + 1;
    state.stage = Stage.data;
    return true;
  }

  /** Byte count into the header, FIS into the received FIS area, slot free. */
  #finish(port: EndpointPort): boolean {
    const state = this.state;
    state.stage = Stage.finish;
    if (!this.store(port, addressPlus(this.#header(), 4), state.bytes)) return false;
    if (this.#port.get(port0['PxCMD.FRE']) === 1) {
      const area = descriptorAddress(this.#port.peek32(PxFB), this.#port.peek32(PxFBU));
      if (!this.store(port, addressPlus(area, D2H_FIS), D2H_WORD)) return false;
    }
    this.#port.poke32(PxCI, this.#port.peek32(PxCI) & ~(1 << state.slot));
    return true;
  }

  #header(): Address {
    const list = descriptorAddress(this.#port.peek32(PxCLB), this.#port.peek32(PxCLBU));
    return addressPlus(list, this.state.slot * HEADER_BYTES);
  }

  #hostControlWritten(): void {
    if (this.#host.get(host['GHC.HR']) === 1) {
      if (this.now < this.state.resetUntil) return;
      this.registerReset();
      this.state.resetUntil = this.now + HBA_RESET_TIME;
    } else this.#updateLine();
  }

  #commandWritten(): void {
    const port = this.#port;
    port.set(port0['PxCMD.FR'], port.get(port0['PxCMD.FRE']));
    const started = port.get(port0['PxCMD.ST']) === 1;
    port.set(port0['PxCMD.CR'], started ? 1 : 0);
    if (!started) this.#abandonCommands();
    else this.#issued();
  }

  /** COMRESET while DET is 1; the link trains when it is 0 again. */
  #linkWritten(previous: number): void {
    const det = this.#port.get(port0['PxSCTL.DET']);
    if (det !== 0) this.#abandonCommands();
    else if ((previous & 0xf) !== 0) this.state.linkUpAt = this.now + LINK_UP_TIME;
  }

  /** PxCI is cleared when software clears PxCMD.ST (AHCI 3.3.14). */
  #abandonCommands(): void {
    const { linkUpAt, resetUntil } = this.state;
    this.#port.poke32(PxCI, 0);
    const line = this.state.line;
    this.state.line = 0;
    this.clearState();
    this.state.line = line;
    this.state.linkUpAt = linkUpAt;
    this.state.resetUntil = resetUntil;
  }

  #issued(): void {
    const state = this.state;
    if (this.#port.get(port0['PxCMD.ST']) === 0) this.#port.poke32(PxCI, 0);
    else if (this.#port.peek32(PxCI) !== 0 && state.workTime === Number.POSITIVE_INFINITY) {
      state.workTime = this.now + this.period;
    }
  }

  #interruptIfEnabled(port: EndpointPort): void {
    if ((this.#port.peek32(PxIS) & this.#port.peek32(PxIE)) === 0) return;
    this.#host.set(host['IS.IPS'], 1);
    if (this.#host.get(host['GHC.IE']) === 1) this.raise(port);
  }

  /** IS.IPS is set again while the port's own cause is pending (AHCI 10.7.2.1). */
  #updateLine(): void {
    if ((this.#port.peek32(PxIS) & this.#port.peek32(PxIE)) !== 0) this.#host.set(host['IS.IPS'], 1);
    this.setLine(this.#host.get(host['IS.IPS']) === 1 && this.#host.get(host['GHC.IE']) === 1);
  }
}

function lowestBit(value: number): number {
  return 31 - Math.clz32(value & -value);
}
