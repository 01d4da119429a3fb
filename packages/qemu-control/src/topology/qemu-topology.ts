import type { Machine } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import { chipsetDevices, type DeviceModel, deviceModels } from './device-models.ts';
import { ramBytes } from './guest-memory.ts';
import { type PlacedFunction, placedFunction } from './placed-function.ts';
import { remappingUnitArguments } from './remapping-unit.ts';

/** An endpoint of the command line that stands on something outside of the guest. */
export interface QemuBackend {
  /** `0000:01:00.0` */
  readonly function: string;
  /** ID of the `-device`. */
  readonly device: string;
  /** ID of the netdev, of the block node, or of the audio device. */
  readonly id: string;
}

/** A network card, and the address it has. */
export interface QemuNetwork extends QemuBackend {
  /** `52:54:00:00:00:01` */
  readonly macAddress: string;
}

/** How the backends of a machine are made. */
export interface QemuTopologyOptions {
  /**
   * Each network card is connected to the netdev of its ID in {@link QemuTopology.networks}, which QEMU must then be
   * started with ({@link QemuOptions.networks}); default false: cards are connected to nothing.
   */
  readonly networks?: boolean;
  /** The block node of a drive without its name; default `null-co,size=1073741824,read-zeroes=on`. */
  readonly drive?: (drive: QemuBackend) => string;
  /** The audio backend without its ID; default `none`, which records silence for ever. */
  readonly audio?: string;
  /** Properties that each `-device` of a function gets besides, e.g. `romfile=`. */
  readonly properties?: (place: { readonly function: string; readonly model: string }) => readonly string[];
}

/** A machine as QEMU is asked for it. */
export interface QemuTopology {
  /** Machine type, memory, processors, remapping unit, devices; no accelerator, no kernel, no channels. */
  readonly arguments: readonly string[];
  /** By function name: the ID of its `-device`; functions of the chipset are not among them. */
  readonly devices: Readonly<Record<string, string>>;
  readonly networks: readonly QemuNetwork[];
  readonly audio: readonly QemuBackend[];
  readonly drives: readonly QemuBackend[];
}

const DEFAULT_DRIVE = 'null-co,size=1073741824,read-zeroes=on';
const AUDIO_BACKEND = 'audio0';

/**
 * The command line of QEMU's `q35` machine that makes `machine`: every function at its place, with its slot and network
 * address. Bus numbers and addresses are the firmware's: that they are the machine's is seen from what the guest reports.
 * @throws UserError `QEMU_TOPOLOGY` if a function, a unit or the memory map is nothing that QEMU's q35 can be; the message
 * names it, and what can be
 */
export function qemuTopology(machine: Machine, options: QemuTopologyOptions = {}): QemuTopology {
  return new CommandLine(machine, options).build();
}

class CommandLine {
  readonly #machine: Machine;
  readonly #options: QemuTopologyOptions;
  readonly #functions: readonly PlacedFunction[];
  readonly #devices: Record<string, string> = {};
  readonly #deviceArguments: string[] = [];
  readonly #backendArguments: string[] = [];
  readonly #networks: QemuNetwork[] = [];
  readonly #audio: QemuBackend[] = [];
  readonly #drives: QemuBackend[] = [];
  /** By expander's name: the bus that its root complex begins at. */
  readonly #busNumbers = new Map<string, number>();
  #chassis = 0;

  constructor(machine: Machine, options: QemuTopologyOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#functions = machine.functions.map(placedFunction);
  }

  build(): QemuTopology {
    const switches = this.#chipset();
    const unit = remappingUnitArguments(this.#machine);
    for (const root of this.#rootBuses()) this.#bus(root.bus, root.parent);
    const lost = this.#functions.find((one) => this.#devices[one.name] === undefined && !isChipset(one));
    if (lost !== undefined)
      refuse(lost, 'stands on a bus to which neither a bridge nor a root complex leads');
    return {
      arguments: [
        '-machine',
        ['q35', 'kernel-irqchip=split', ...switches].join(','),
        '-m',
        `${ramBytes(this.#machine) / 0x10_0000}M`,
        '-smp',
        `${this.#machine.processors ?? 1}`,
        ...unit,
        ...this.#backendArguments,
        ...this.#deviceArguments,
      ],
      devices: this.#devices,
      networks: this.#networks,
      audio: this.#audio,
      drives: this.#drives,
    };
  }

  /** Machine properties that leave out what this machine has not. */
  #chipset(): string[] {
    const switches: string[] = [];
    for (const built of chipsetDevices) {
      const there = this.#functions.find(
        (one) => one.bus === 0 && one.device === built.device && one.fn === built.fn,
      );
      if (there !== undefined && there.id !== built.id) {
        refuse(there, `stands where q35 has its ${built.label} (${built.id})`);
      }
      if (there !== undefined) continue;
      if (built.switchOff === undefined) {
        throw new UserError('QEMU_TOPOLOGY', `machine "${this.#machine.name}" has no ${built.label}`, {
          expected: `${built.id} at 00:${built.device.toString(16).padStart(2, '0')}.${built.fn}, which q35 always has`,
        });
      }
      switches.push(built.switchOff);
    }
    return switches;
  }

  /** Bus 0, and each further root complex with the expander that stands for it, both in ascending order. */
  #rootBuses(): { readonly bus: number; readonly parent: string }[] {
    const [first, ...further] = [...this.#machine.rootComplexes].sort((a, b) => a.firstBus - b.firstBus);
    if (
      first === undefined ||
      first.firstBus !== 0 ||
      this.#machine.rootComplexes.some((one) => one.segment !== 0)
    ) {
      throw new UserError('QEMU_TOPOLOGY', `machine "${this.#machine.name}" is not what q35 can be`, {
        expected: 'one segment, 0, and a root complex that begins at bus 0',
      });
    }
    const expanders = this.#functions.filter(
      (one) => one.bus === 0 && deviceModels.get(one.id)?.role === 'expander',
    );
    if (expanders.length !== further.length) {
      throw new UserError(
        'QEMU_TOPOLOGY',
        `machine "${this.#machine.name}" has ${further.length} root complexes besides the first, and ${expanders.length} expanders`,
        { expected: 'a pxb-pcie (1b36:000b) on bus 0 for each' },
      );
    }
    for (const [index, one] of expanders.entries()) {
      this.#busNumbers.set(one.name, further[index]?.firstBus as number);
    }
    return [
      { bus: 0, parent: 'pcie.0' },
      ...expanders.map((one) => ({ bus: this.#busNumbers.get(one.name) as number, parent: deviceId(one) })),
    ];
  }

  /** Everything on `bus`, and after each bridge what is below it. */
  #bus(bus: number, parent: string): void {
    for (const one of this.#functions) {
      if (one.bus !== bus || isChipset(one)) continue;
      if (this.#devices[one.name] !== undefined) refuse(one, 'stands on a bus to which two bridges lead');
      this.#function(one, parent);
      if (one.secondaryBus !== undefined && one.secondaryBus > bus)
        this.#bus(one.secondaryBus, deviceId(one));
    }
  }

  #function(one: PlacedFunction, parent: string): void {
    const model = deviceModels.get(one.id);
    if (model === undefined) refuse(one, 'is nothing that QEMU is asked for here');
    const id = deviceId(one);
    this.#devices[one.name] = id;
    const extra = this.#options.properties?.({ function: one.name, model: model.model }) ?? [];
    const address = `${one.device.toString(16)}.${one.fn}`;
    const properties = [model.model, `id=${id}`, `bus=${parent}`, `addr=${address}`];
    if (one.multifunction) properties.push('multifunction=on');
    properties.push(...this.#ownProperties(one, model), ...extra);
    this.#deviceArguments.push('-device', properties.join(','), ...this.#attached(one, model));
  }

  #ownProperties(one: PlacedFunction, model: DeviceModel): string[] {
    switch (model.role) {
      case 'express-port':
        this.#chassis++;
        return [`chassis=${this.#chassis}`, `slot=${one.slot ?? 0}`];
      case 'bridge':
        return model.model === 'pci-bridge' ? [`chassis_nr=${one.chassis ?? 1}`] : [];
      case 'expander':
        return [`bus_nr=${this.#busNumbers.get(one.name)}`];
      case 'network':
        return this.#network(one);
      case 'drive':
        return this.#drive(one);
      default:
        return [];
    }
  }

  #network(one: PlacedFunction): string[] {
    const bytes = one.macAddress ?? [0x52, 0x54, 0, 0, one.bus, one.device * 8 + one.fn];
    const macAddress = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    const network = { function: one.name, device: deviceId(one), id: backendId('net', one), macAddress };
    this.#networks.push(network);
    const connected = this.#options.networks === true;
    return [...(connected ? [`netdev=${network.id}`] : []), `mac=${macAddress}`];
  }

  #drive(one: PlacedFunction): string[] {
    const drive = { function: one.name, device: deviceId(one), id: backendId('drive', one) };
    this.#drives.push(drive);
    const backend = this.#options.drive?.(drive) ?? DEFAULT_DRIVE;
    this.#backendArguments.push('-blockdev', `${backend},node-name=${drive.id}`);
    return [`drive=${drive.id}`, `serial=quiesce-${one.bus.toString(16)}`];
  }

  /** What is plugged into a controller: a codec that records, a pointer that a USB driver polls. */
  #attached(one: PlacedFunction, model: DeviceModel): string[] {
    const id = deviceId(one);
    if (model.role === 'usb') return ['-device', `usb-tablet,bus=${id}.0`];
    if (model.role !== 'audio') return [];
    if (this.#audio.length === 0) {
      this.#backendArguments.push('-audiodev', `${this.#options.audio ?? 'none'},id=${AUDIO_BACKEND}`);
    }
    this.#audio.push({ function: one.name, device: id, id: AUDIO_BACKEND });
    return ['-device', `hda-duplex,bus=${id}.0,audiodev=${AUDIO_BACKEND}`];
  }
}

function isChipset(one: PlacedFunction): boolean {
  return one.bus === 0 && chipsetDevices.some((built) => built.device === one.device && built.fn === one.fn);
}

function place(one: PlacedFunction): string {
  const digits = (value: number): string => value.toString(16).padStart(2, '0');
  return `${digits(one.bus)}-${digits(one.device)}-${one.fn}`;
}

/** `dev-01-00-0`; buses below bridges have the same ID. */
function deviceId(one: PlacedFunction): string {
  return `dev-${place(one)}`;
}

function backendId(kind: 'net' | 'drive', one: PlacedFunction): string {
  return `${kind}-${place(one)}`;
}

function refuse(one: PlacedFunction, why: string): never {
  const known = [...deviceModels].map(([id, { model }]) => `${model} ${id}`).join(', ');
  throw new UserError('QEMU_TOPOLOGY', `function ${one.name} (${one.id}) ${why}`, { expected: known });
}
