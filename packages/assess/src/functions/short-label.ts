/** Longer names are cut in a report. */
const LONGEST = 70;

/**
 * What lspci calls a function without its class in front and without numbers behind:
 * `Ethernet controller [0200]: Intel Corporation 82579LM [8086:1502] (rev 04)` is `Intel Corporation 82579LM`.
 */
export function shortLabel(label: string): string {
  const start = label.indexOf(': ');
  let name = start < 0 ? label : label.slice(start + 2);
  for (const sign of [' (rev ', ' (prog-if ']) {
    const at = name.indexOf(sign);
    if (at > 0) name = name.slice(0, at);
  }
  // The last brackets hold vendor and device ID; earlier ones belong to the name.
  const ids = /\s\[[0-9a-f]{4}:[0-9a-f]{4}\]$/.exec(name);
  if (ids !== null) name = name.slice(0, ids.index);
  name = name.replace('Intel Corporation', 'Intel');
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}
