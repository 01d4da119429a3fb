import { barAddress, type PcieHierarchy } from '@quiesce/pcie-model';
import { isAmbiguous } from './claimants.ts';
import { enableCommands } from './firmware.ts';
import { ask, askNumbers, type QtestChannel } from './qtest-channel.ts';
import { type TreeBar, tree } from './tree.ts';

const HIGH = 0x1_0000_0000;
/** BAR of e1000e that decodes ports. */
const PORT_BAR = 2;

/** A read that tells who answers at an address. */
export interface Probe {
  readonly at: number;
  /** It is a port. */
  readonly io: boolean;
  /** What QEMU must answer; undefined where that cannot be told, so that the read is not made. */
  readonly expected: number | undefined;
  /** For the tally. */
  readonly outcome: string;
}

/** One register behind each BAR: what it reads tells that the BAR answers. */
export class RegisterWitnesses {
  readonly #values: ReadonlyMap<string, number>;

  private constructor(values: ReadonlyMap<string, number>) {
    this.#values = values;
  }

  /** Reads them in QEMU as firmware left it; everything decodes meanwhile. */
  static async read(qtest: QtestChannel): Promise<RegisterWitnesses> {
    const bars = tree.flatMap(({ id, bars }) =>
      bars.flatMap(({ index, address, witness }) =>
        witness === undefined
          ? []
          : [{ key: `${id} ${index}`, io: index === PORT_BAR, at: address + witness }],
      ),
    );
    await ask(qtest, enableCommands(true));
    const values = await askNumbers(
      qtest,
      bars.map(({ io, at }) => `${io ? 'inl' : 'readl'} 0x${at.toString(16)}`),
    );
    await ask(qtest, enableCommands(false));
    return new RegisterWitnesses(new Map(bars.map(({ key }, i) => [key, values[i] as number])));
  }

  /**
   * A read of the register behind `bar` of the function `id`, where that BAR is now, or `distance` bytes from there.
   * Undefined where something other than PCI answers in QEMU.
   */
  probe(hierarchy: PcieHierarchy, id: string, bar: number, distance: number): Probe | undefined {
    const one = tree.find((other) => other.id === id);
    const witness = one?.bars.find(({ index }) => index === bar)?.witness;
    const fn = hierarchy.functions.find(
      ({ description: d }) => d.bus === one?.bus && d.device === one.device,
    );
    if (fn === undefined || witness === undefined) return undefined;
    const io = bar === PORT_BAR;
    const at = barAddress(fn, bar) + witness + distance;
    if (io ? !isPciPort(at) : !isPciMemory(at)) return undefined;
    return { at, io, ...this.#expect(hierarchy, at, io) };
  }

  #expect(hierarchy: PcieHierarchy, at: number, io: boolean): Pick<Probe, 'expected' | 'outcome'> {
    if (isAmbiguous(hierarchy, at, io)) {
      return { expected: undefined, outcome: 'probes of overlapping windows, not made' };
    }
    const found = io ? hierarchy.routeIo(at) : hierarchy.routeMemory(at);
    if (found === undefined) {
      // QEMU reads 0 where no memory answers, a root complex all ones.
      return { expected: io ? 0xffff_ffff : 0, outcome: 'probes that nobody answers' };
    }
    const { bus, device } = found.fn.description;
    const one = tree.find((other) => other.bus === bus && other.device === device);
    const isWitness = one?.bars.some(
      ({ index, witness }: TreeBar) => index === found.bar && witness === found.offset,
    );
    if (one === undefined || isWitness !== true) {
      return { expected: undefined, outcome: 'probes beside the register, not made' };
    }
    return { expected: this.#values.get(`${one.id} ${found.bar}`), outcome: 'probes answered' };
  }
}

/** Where no RAM, no interrupt controller, no flash and no ECAM window stands in QEMU. */
function isPciMemory(at: number): boolean {
  return (at >= 0xc000_0000 && at < 0xfe00_0000) || (at >= HIGH && at < 16 * HIGH);
}

function isPciPort(port: number): boolean {
  return port >= 0x2000 && port < 0x1_0000 - 4;
}
