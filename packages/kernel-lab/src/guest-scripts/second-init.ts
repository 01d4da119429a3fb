import { guestShell } from './guest-shell.ts';

/** What the second kernel's /init does, as parameters of its command line: one initramfs serves every variant. */
export interface SecondInitOptions {
  /** Seconds between /init and the first driver, in which nobody drives the devices; may have a fraction. */
  readonly undrivenSeconds: number;
  /** What is done with /proc/vmcore: looked for the pattern, or read twice and compared. */
  readonly dump: 'verify' | 'compare' | 'none';
  /** Requester names of functions that get no driver, `0000:06:00.0`. */
  readonly withoutDriver: readonly string[];
}

/** The words of the second kernel's command line that {@link secondInit} reads. */
export function secondInitParameters(options: SecondInitOptions): string[] {
  const words = [`quiesce.undriven=${options.undrivenSeconds}`, `quiesce.dump=${options.dump}`];
  if (options.withoutDriver.length > 0) words.push(`quiesce.without=${options.withoutDriver.join(',')}`);
  return words;
}

/** /init of the second kernel: waits, loads drivers, tries every device, reads the dump, and tells the lab all of it. */
export const secondInit: string = `${guestShell}
option() { for word in $(cat /proc/cmdline); do case "$word" in "quiesce.$1="*) echo "\${word#*=}";; esac; done; }
say phase undriven
sleep "$(option undriven)"
# Whoever is to have no driver is taken by none: its override names one that does not exist.
for fn in $(option without | tr , ' '); do echo nobody > "/sys/bus/pci/devices/$fn/driver_override"; done
say phase drivers
mods
for fn in $(each_function); do
  net=$(net_of "$fn")
  [ -n "$net" ] && ip link set "$net" up 2>/dev/null
done
sleep 1
try_net() {
  before=$(cat "/sys/class/net/$2/statistics/rx_packets")
  for tenth in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.3
    after=$(cat "/sys/class/net/$2/statistics/rx_packets")
    [ "$after" -gt "$before" ] && break
  done
  [ "$after" -gt "$before" ] && echo yes > "/run/works.$1" || echo no > "/run/works.$1"
}
try_audio() {
  size=$(timeout 20 arecord -q -D "hw:$2,0" -f S16_LE -r 48000 -c 2 -s 4800 -t raw 2>/dev/null | wc -c)
  [ "$size" -ge 19200 ] && echo yes > "/run/works.$1" || echo no > "/run/works.$1"
}
try_disk() { dd if="/dev/$2" of=/dev/null bs=4k count=4 iflag=direct 2>/dev/null && echo yes > "/run/works.$1" || echo no > "/run/works.$1"; }
for fn in $(each_function); do
  net=$(net_of "$fn")
  card=$(card_of "$fn")
  disk=$(disk_of "$fn")
  if [ -n "$net" ]; then try_net "$fn" "$net" &
  elif [ -n "$card" ]; then try_audio "$fn" "$card" &
  elif [ -n "$disk" ]; then try_disk "$fn" "$disk" &
  fi
done
wait
for fn in $(each_function); do
  driver=$(driver_of "$fn")
  works=$(cat "/run/works.$fn" 2>/dev/null)
  say "device $fn driver=\${driver:-none} works=\${works:-none}"
done
say phase dump
if [ -e /proc/vmcore ]; then
  say "vmcore $(stat -c %s /proc/vmcore)"
  case "$(option dump)" in
    verify) probe verify /proc/vmcore > /run/dump && say "verify $(cat /run/dump)" ;;
    compare) probe changed /proc/vmcore > /run/dump && say "changed $(cat /run/dump)" ;;
  esac
else
  say "vmcore none"
fi
say done
while :; do sleep 1000; done
`;
