import type { Machine } from '@quiesce/machine';
import { chipsetSwitches, isChipset } from './chipset.ts';
import { type DeviceModel, deviceModels } from './device-models.ts';
import { ramBytes } from './guest-memory.ts';
import { type PlacedFunction, placedFunction } from './placed-function.ts';
import { refuse } from './refuse.ts';
import { remappingUnitArguments } from './remapping-unit.ts';
import { type RootBus, rootBuses } from './root-buses.ts';
import type { QemuBackend, QemuNetwork, QemuTopology, QemuTopologyOptions } from './topology-description.ts';

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
  readonly #rootBuses: readonly RootBus[];
  #chassis = 0;

  constructor(machine: Machine, options: QemuTopologyOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#functions = machine.functions.map(placedFunction);
    this.#rootBuses = rootBuses(machine, this.#functions);
  }

  build(): QemuTopology {
    const switches = chipsetSwitches(this.#machine.name, this.#functions);
    const unit = remappingUnitArguments(this.#machine);
    for (const { bus, expander } of this.#rootBuses) {
      this.#bus(bus, expander === undefined ? 'pcie.0' : deviceId(expander));
    }
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
        return [`bus_nr=${this.#rootBuses.find(({ expander }) => expander === one)?.bus}`];
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
