import type { HostFacts, Machine, Mount } from '@quiesce/machine';
import type { Evidence } from '@quiesce/report';
import { MachineView } from '../functions/machine-view.ts';
import { parametersOf } from '../simulation/with-parameters.ts';
import { controllersByName } from './controller-by-name.ts';
import { type Destination, destinationOf, serverOf } from './destination.ts';
import { DeviceIndex } from './device-index.ts';
import { followDevice } from './follow-device.ts';
import { followNetwork } from './follow-network.ts';
import { MountTable } from './mount-table.ts';
import { Trace } from './trace.ts';

/** The way that a dump takes, from what kdump is told to the functions that it goes through. */
export interface DumpPath {
  /** As kdump's configuration says it; null where no source says it. */
  readonly destination: string | null;
  /**
   * `followed` from step to step; `assumed` where a step is missing and something likely was taken instead; `unknown` where
   * nothing leads to a function.
   */
  readonly certainty: 'followed' | 'assumed' | 'unknown';
  readonly over: 'disk' | 'network' | 'unknown';
  /** PCI functions that it goes through: several for a bond, for several paths to a disk, for a volume over several disks. */
  readonly functions: readonly string[];
  /** What lies in between: `LVM`, `CRYPT`, `raid1`, `bond0`, the type of the file system, drivers such as `sd`. */
  readonly layers: readonly string[];
  readonly steps: readonly Evidence[];
  readonly assumed: readonly string[];
}

const networkTypes =
  /^(?:nfs[34]?|cifs|smb3|ceph|glusterfs|fuse\.(?:glusterfs|ceph|sshfs)|afs|lustre|beegfs)$/;
/** What kdump takes where its configuration names no path: kdump.conf(5), kdump-tools(5), kdump(5). */
const usualPath = '/var/crash';

/** Follows the destination of a dump to PCI functions, as far as a capture says how. */
export function resolveDumpPath(machine: Machine, host: HostFacts): DumpPath {
  return new DumpPathResolver(machine, host).resolve();
}

class DumpPathResolver {
  readonly #host: HostFacts;
  readonly #view: MachineView;
  readonly #devices: DeviceIndex;
  readonly #mounts: MountTable;
  readonly #trace = new Trace();
  /** Names that were followed before: mounts of a damaged capture can lead round in circles. */
  readonly #asked = new Set<string>();
  #over: DumpPath['over'] = 'unknown';

  constructor(machine: Machine, host: HostFacts) {
    this.#host = host;
    this.#view = new MachineView(machine);
    this.#devices = new DeviceIndex(host);
    this.#mounts = new MountTable(host);
  }

  resolve(): DumpPath {
    const stated = this.#host.dumpDestination;
    const trace = this.#trace;
    if (stated !== undefined) trace.step(stated, stated.value.slice(0, 400));
    else if (!this.#mounts.isEmpty)
      trace.assumed.push(`no source says where the dump goes: ${usualPath} is taken`);
    const known = stated !== undefined || !this.#mounts.isEmpty;
    const whole = known && this.#follow(destinationOf(stated?.value ?? usualPath));
    const certain = whole && stated !== undefined && trace.functions.length > 0;
    return {
      destination: stated?.value ?? null,
      certainty: certain ? 'followed' : trace.functions.length > 0 ? 'assumed' : 'unknown',
      over: this.#over,
      functions: trace.functions,
      layers: [...trace.layers].slice(0, 50),
      steps: trace.all(),
      assumed: trace.assumed,
    };
  }

  #follow(destination: Destination): boolean {
    switch (destination.kind) {
      case 'network':
        return this.#network(destination.server);
      case 'device':
        return this.#device(destination.device);
      case 'path':
        return this.#path(destination.path);
      case 'shared-folder':
        return this.#sharedFolder();
      default:
        return false;
    }
  }

  #network(server: string): boolean {
    this.#over = 'network';
    return followNetwork(server, this.#host, this.#trace);
  }

  #path(path: string): boolean {
    const mount = this.#mounts.of(path);
    if (mount !== undefined) return this.#mount(mount, path);
    this.#over = 'disk';
    const { commandLine } = this.#host;
    const root = parametersOf(commandLine?.value ?? '').findLast((one) => one.startsWith('root='));
    if (root === undefined || commandLine === undefined) return false;
    this.#trace.assumed.push(
      `no source says what is mounted: ${path} is taken to be on the root file system`,
    );
    this.#trace.step(commandLine, root);
    this.#device(root.slice('root='.length));
    return false;
  }

  #mount(mount: Mount, path: string): boolean {
    const { source, point, type, configured, number } = mount;
    const said = type === '' ? '' : ` (${type})`;
    this.#trace.step(source, `${path} is on ${point}, which is ${source.value}${said}`);
    if (configured)
      this.#trace.assumed.push(`${point} is not known to be mounted: /etc/fstab says what is to be`);
    if (type !== '') this.#trace.layers.add(type);
    if (networkTypes.test(type))
      return this.#network(serverOf(source.value.replace(/^\/\//, '').split('/', 1)[0] as string));
    if (type === 'virtiofs' || type === '9p') return this.#sharedFolder();
    const whole =
      source.value.startsWith('/dev/root') || !isDevice(source.value)
        ? this.#numbered(number, source.value)
        : this.#device(source.value);
    return whole && !configured;
  }

  /** A device by its number, where a mount has no name for it. */
  #numbered(number: string | undefined, source: string): boolean {
    this.#over = 'disk';
    const device = this.#devices.byNumber(number);
    if (device !== undefined) return this.#found(followDevice(device, this.#devices, this.#trace));
    const { commandLine } = this.#host;
    const root = parametersOf(commandLine?.value ?? '').findLast((one) => one.startsWith('root='));
    if (source.startsWith('/dev/root') && root !== undefined && commandLine !== undefined) {
      this.#trace.step(commandLine, root);
      return this.#device(root.slice('root='.length));
    }
    this.#trace.assumed.push(`no source says which disks ${source.slice(0, 120)} is on`);
    return false;
  }

  #device(spec: string): boolean {
    this.#over = 'disk';
    if (this.#asked.has(spec)) return false;
    this.#asked.add(spec);
    const found = this.#devices.find(spec);
    if (found !== undefined) {
      const { device, by } = found;
      if (by !== undefined) this.#trace.step(by.device, `${spec} is ${device.name}`);
      return this.#found(followDevice(device, this.#devices, this.#trace));
    }
    const listed = this.#mounts.configuredAs(spec);
    const mounted = listed === undefined ? undefined : this.#mounts.at(listed.point);
    if (listed !== undefined && mounted !== undefined && mounted.source.value !== spec) {
      this.#trace.step(listed.source, `${spec} is mounted at ${listed.point}`);
      return this.#mount(mounted, listed.point);
    }
    return this.#byName(this.#devices.nameOf(spec)?.device.value ?? spec);
  }

  /** A disk that comes over a network leads on over that network. */
  #found(whole: boolean): boolean {
    if (!this.#trace.comesOverNetwork) return whole;
    this.#network('');
    return false;
  }

  /** Nothing but a name, or a path of udev's in which a function stands. */
  #byName(name: string): boolean {
    const path = /^\/dev\/disk\/by-path\/pci-([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])-/.exec(
      name,
    )?.[1];
    if (path !== undefined) {
      this.#trace.reached(path);
      return true;
    }
    const device = name.replace(/^\/dev\//, '').slice(0, 120);
    const [first, ...others] = controllersByName(this.#view, device);
    if (first === undefined) {
      this.#trace.assumed.push(`no source says what ${device} hangs on`);
      return false;
    }
    const which =
      others.length === 0 ? 'the only controller' : `the first of ${others.length + 1} controllers`;
    this.#trace.assumed.push(
      `no source says what ${device} hangs on: ${first} is taken, ${which} that can have it`,
    );
    this.#trace.reached(first);
    return false;
  }

  /** virtio's devices of number 26 are file systems of the host (virtio 1.2, 5.11): 1040h and 26. */
  #sharedFolder(): boolean {
    this.#over = 'disk';
    const those = this.#view.functions.filter(({ config }) => config.u32(0) === 0x105a_1af4);
    const [first] = those;
    if (first === undefined) return false;
    this.#trace.step({ file: `config ${first.name} +0x00` }, 'a file system of the host, by virtio');
    this.#trace.reached(first.name);
    if (those.length > 1)
      this.#trace.assumed.push(`${first.name} is taken, the first of ${those.length} such file systems`);
    return those.length === 1;
  }
}

function isDevice(source: string): boolean {
  return source.startsWith('/dev/') || /^(?:UUID|LABEL|PARTUUID|PARTLABEL)=/.test(source);
}
