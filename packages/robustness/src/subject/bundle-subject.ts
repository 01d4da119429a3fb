import { importCapture, type Machine, preset } from '@quiesce/machine';
import { guestBundles } from '../inputs/guest-bundles.ts';
import { printedIomem, tableOf } from '../inputs/printed-machine.ts';
import type { Subject } from './subject.ts';

/** A file with content in a bundle, as far as it looks like one. */
const FILE = /\{\s{0,16}"path"\s{0,4}:\s{0,4}"([^"\\\n]{1,200})",\s{0,16}"(?:text|hex|link)"/g;

/** What `quiesce capture` wrote, sound or not: each file of it is used, among the sources, or in a note. */
export const bundleSubject: Subject = {
  name: 'bundle',
  text: true,
  inputs: () => [
    ...['q35-lab', 'server-2012'].map((name) => new TextEncoder().encode(bundled(preset(name)))),
    ...guestBundles().map(({ text }) => text),
  ],
  take: (input) => {
    const { machine, sources, notes } = importCapture([{ path: 'capture.json', content: input }], {
      name: 'bundle',
    });
    const bundle = sources.find(({ kind }) => kind === 'capture-bundle');
    if (bundle === undefined) return sources.length === 0 ? 'it is not among the sources' : undefined;
    if (bundle.gave.startsWith('nothing')) return notes.length === 0 ? 'it is refused in silence' : undefined;
    const reported = new Set([...sources, ...notes].map(({ file }) => file));
    const functions = new Set(machine?.functions.map((one) => one.name));
    const isKnown = (path: string): boolean =>
      reported.has(path) ||
      [...reported].some((one) => path.startsWith(`${one.replace(/\/$/, '')}/`)) ||
      notes.some(({ message }) => message.includes(path)) ||
      notes.length >= 500;
    for (const [, path] of new TextDecoder().decode(input).matchAll(FILE)) {
      const config = /devices\/([0-9a-f:.]+)\/config$/.exec(path as string);
      const isFunction = config !== null && functions.has(config[1] as string);
      if (!isFunction && !isKnown(path as string)) return `${JSON.stringify(path)} is lost`;
    }
    return undefined;
  },
};

function bundled(machine: Machine): string {
  const files = machine.functions.map(({ name, config }) => ({
    path: `sys/bus/pci/devices/${name}/config`,
    hex: config,
  }));
  const texts = [
    { path: 'proc/iomem', text: printedIomem(machine) },
    { path: 'proc/cmdline', text: 'root=/dev/sda1 crashkernel=256M intel_iommu=on\n' },
    { path: 'sys/kernel/kexec_crash_loaded', text: '1\n' },
    { path: 'etc/kdump.conf', text: 'path /var/crash\ncore_collector makedumpfile -l\n' },
  ];
  const table = {
    path: 'sys/firmware/acpi/tables/DMAR',
    hex: [...tableOf(machine)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  };
  const about = { schema: 'quiesce/capture/1', tool: 'quiesce', taken: '2026-01-01T00:00:00Z' };
  const rest = { privileged: true, redacted: [], files: [...files, table, ...texts], unread: [] };
  return JSON.stringify({ ...about, ...rest }, null, 1);
}
