import { segmentedName } from '@quiesce/machine';
import { dmaIdentity } from '../kernel/dma-identity.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { DmaIdentity } from '../remapping/kernel-remapping.ts';
import type { RequesterDomain } from './outcome.ts';

/** A function under the requester ID that its unit sees. */
interface KnownRequester {
  readonly name: string;
  readonly identity: DmaIdentity;
}

/** Which domain the units' own tables gave each requester when the first kernel crashed, and give it at the end. */
export class RequesterDomains {
  readonly #first: Kernel;
  readonly #requesters: readonly KnownRequester[];
  readonly #atCrash: readonly (number | null)[];

  /** Made at the instant of the crash. */
  constructor(first: Kernel) {
    this.#first = first;
    this.#requesters = requestersOf(first);
    this.#atCrash = this.#requesters.map(({ identity }) => first.remapping.domainIdOf(identity));
  }

  /** As it is now, where either was ever given one. Requesters that only the second kernel knows had none at the crash. */
  now(second: Kernel | undefined): Record<string, RequesterDomain> {
    const { remapping } = second ?? this.#first;
    const result: Record<string, RequesterDomain> = {};
    const add = ({ name, identity }: KnownRequester, atCrash: number | null): void => {
      const atEnd = remapping.domainIdOf(identity);
      if (atCrash !== null || atEnd !== null) result[name] ??= { atCrash, atEnd };
    };
    for (const [index, one] of this.#requesters.entries()) add(one, this.#atCrash[index] ?? null);
    if (second !== undefined) for (const one of requestersOf(second)) add(one, null);
    return result;
  }
}

function requestersOf(kernel: Kernel): readonly KnownRequester[] {
  return kernel.devices.map((device) => {
    const identity = dmaIdentity(device);
    return { name: segmentedName(identity.segment, identity.requesterIds[0] as number), identity };
  });
}
