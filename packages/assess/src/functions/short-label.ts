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
  name = withoutCompany(name);
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}

/** `Advanced Micro Devices, Inc. [AMD] FCH USB` is `AMD FCH USB`; `Intel Corporation 82579LM` is `Intel 82579LM`. */
function withoutCompany(name: string): string {
  const short = /^[\w ,.&-]{1,60}\[([\w/]{2,12})\] (?=\S)/.exec(name);
  if (short?.[1] !== undefined && short[0].includes(', Inc.'))
    return `${short[1]} ${name.slice(short[0].length)}`;
  return name.replace(
    /^([\w &-]{1,40}?) (?:Technologies|Semiconductor)?,? ?(?:Corporation|Inc\.|Co\.?,? Ltd\.?) (?=\S)/,
    '$1 ',
  );
}
