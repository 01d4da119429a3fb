import type { ConfigReader } from '../description/config-reader.ts';
import roles from './device-roles.json' with { type: 'json' };

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
  const vendor = digits(config.u16(0));
  const device = digits(config.u16(2));
  const listed = (devices as readonly KnownDevice[]).find(
    (entry) => entry.vendor === vendor && entry.device === device,
  );
  if (listed !== undefined) return listed.name;
  const code = digits(config.classCode >>> 8);
  return (classes as readonly { code: string; name: string }[]).find((entry) => entry.code === code)?.name;
}

/** Why it matters, for whoever reads a report. */
export function whyKnown(role: DeviceRole): string {
  return roles[role].why;
}

function digits(value: number): string {
  return value.toString(16).padStart(4, '0');
}
