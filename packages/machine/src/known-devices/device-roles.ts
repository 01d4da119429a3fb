import type { ConfigReader } from '../description/config-reader.ts';
import roles from './device-roles.json' with { type: 'json' };
import { functionIds } from './function-ids.ts';

/** What a function is known for beside its class: `device-roles.json` has the lists, each with its source. */
export type DeviceRole = 'boardManagement' | 'volumeManagement';

interface KnownDevice {
  readonly vendor: string;
  readonly device: string;
  readonly name: string;
}

/** How the list calls a function in this role; undefined if it is not known for it. */
export function knownAs(role: DeviceRole, config: ConfigReader): string | undefined {
  const { devices, classes } = roles[role];
  const { vendor, device, classCode } = functionIds(config);
  const listed = (devices as readonly KnownDevice[]).find(
    (entry) => entry.vendor === vendor && entry.device === device,
  );
  if (listed !== undefined) return listed.name;
  return (classes as readonly { code: string; name: string }[]).find(({ code }) => code === classCode)?.name;
}

/** Why it matters, for whoever reads a report. */
export function whyKnown(role: DeviceRole): string {
  return roles[role].why;
}
