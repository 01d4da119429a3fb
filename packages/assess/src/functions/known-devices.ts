import known from './known-devices.json' with { type: 'json' };
import type { ViewedFunction } from './machine-view.ts';

/** What a function is known for beside its class: `known-devices.json` has the lists. */
export type KnownRole = keyof typeof known;

/** How the list calls a function in this role; undefined if it is not known for it. */
export function knownAs(role: KnownRole, one: ViewedFunction): string | undefined {
  const { devices, classes } = known[role];
  const vendor = digits(one.config.u16(0));
  const device = digits(one.config.u16(2));
  const listed = devices.find((entry) => entry.vendor === vendor && entry.device === device);
  if (listed !== undefined) return listed.name;
  const code = digits(one.config.classCode >>> 8);
  return (classes as readonly { code: string; name: string }[]).find((entry) => entry.code === code)?.name;
}

/** Why it matters, for whoever reads a report. */
export function whyKnown(role: KnownRole): string {
  return known[role].why;
}

function digits(value: number): string {
  return value.toString(16).padStart(4, '0');
}
