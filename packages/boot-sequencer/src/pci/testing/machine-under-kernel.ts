import { type Machine, preset } from '@quiesce/machine';
import { ecamPort } from '../../kernel/config-ports.ts';
import { rootSpace } from '../../phases/root-space.ts';
import { World } from '../../world/world.ts';
import type { ConfigPort } from '../config-port.ts';
import { enumerate } from '../enumeration.ts';
import type { KernelPciDevice } from '../kernel-pci-device.ts';
import type { RootSpace } from '../resource-assignment.ts';

/** A preset machine as firmware left it, and a kernel's config accesses to it. */
export class MachineUnderKernel {
  readonly machine: Machine;
  readonly world: World;
  readonly lines: string[] = [];
  readonly #port: ConfigPort;

  constructor(name: string) {
    this.machine = preset(name);
    this.world = new World(this.machine, { seed: 1, mode: 'steady-steps', traceCapacity: 16 });
    this.#port = ecamPort(this.world);
  }

  port(): ConfigPort {
    return this.#port;
  }

  delay(ms: number): void {
    this.world.wait(ms);
  }

  log(line: string): void {
    this.lines.push(line);
  }

  enumerate(): KernelPciDevice[] {
    return enumerate(this, this.machine.rootComplexes);
  }

  get space(): RootSpace {
    return rootSpace(this.machine);
  }
}
