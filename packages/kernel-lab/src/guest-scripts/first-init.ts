import { guestShell } from './guest-shell.ts';

/** Descriptors of a controller's receive ring: with 256 it is used up before the second kernel boots. */
const RING = 4096;

/** What the first kernel is told. */
export interface FirstInitOptions {
  /** The second kernel's command line, without what kexec adds. */
  readonly secondCommandLine: string;
  /** MiB of memory that hold a pattern to be looked for in the dump, 0 to 512. */
  readonly patternMib: number;
}

/**
 * /init of the kernel that crashes: starts every device's DMA, loads the second kernel, tells what the machine is, and
 * waits for the lab's word to crash.
 */
export function firstInit({ secondCommandLine, patternMib }: FirstInitOptions): string {
  return `${guestShell}
mods
for fn in $(each_function); do
  net=$(net_of "$fn")
  if [ -n "$net" ]; then
    ip link set "$net" up promisc on || say "note $fn: $net does not come up"
    ethtool -G "$net" rx ${RING} 2>/dev/null
  fi
  card=$(card_of "$fn")
  if [ -n "$card" ]; then
    (while :; do arecord -q -D "hw:$card,0" -f S16_LE -r 48000 -c 2 /dev/null 2>/run/arecord.$card; sleep 1; done) &
  fi
done
${patternMib > 0 ? `probe pattern ${patternMib} > /run/pattern &` : ''}
lspci -xxxx > /run/lspci
report lspci /run/lspci
report iomem /proc/iomem
report cmdline /proc/cmdline
[ -e /sys/firmware/acpi/tables/DMAR ] && report dmar /sys/firmware/acpi/tables/DMAR
kexec -s -p /second/kernel --initrd=/second/initramfs --command-line='${secondCommandLine}' 2>/run/kexec || report kexec-error /run/kexec
sleep 1
for fn in $(each_function); do say "first $fn $(driver_of "$fn")"; done
say "loaded $(cat /sys/kernel/kexec_crash_loaded)"
say ready
while read -r word <&3; do
  [ "$word" = crash ] && { echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger; }
done
`;
}
