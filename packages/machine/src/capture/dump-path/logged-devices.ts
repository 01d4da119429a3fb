import type { LoggedBoot } from '../../import/boot-record.ts';
import type { BlockDevice } from './block-device.ts';
import type { InterfaceDrafts } from './network-interfaces-of.ts';

/** First namespaces of NVMe controllers that a boot log names, where no other source has a device of theirs. */
export function loggedNamespaces(
  boot: LoggedBoot | undefined,
  devices: readonly BlockDevice[],
): BlockDevice[] {
  const known = new Set(devices.map(({ name }) => /^nvme\d{1,6}/.exec(name)?.[0]));
  return [...(boot?.nvmeControllers ?? [])]
    .filter(([controller]) => !known.has(controller))
    .map(([controller, stated]) => ({
      name: `${controller}n1`,
      found: { ...stated, value: `${controller}: pci function ${stated.value}` },
      function: stated.value,
      over: [],
    }));
}

/** Takes network interfaces that drivers speak of in a boot log. */
export function takeLoggedInterfaces(boot: LoggedBoot | undefined, drafts: InterfaceDrafts): void {
  for (const [name, { function: stated, state }] of boot?.networkInterfaces ?? []) {
    const draft = drafts.of(name);
    if (draft === undefined) continue;
    if (draft.found === undefined) {
      draft.found = { ...stated, value: `${name} of ${stated.value}` };
      draft.function ??= stated.value;
    }
    if (state !== undefined) draft.state ??= state;
  }
}
