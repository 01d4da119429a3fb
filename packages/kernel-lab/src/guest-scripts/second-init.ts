import { guestShell } from './guest-shell.ts';

/** What the second kernel is told. */
export interface SecondInitOptions {
  /** Seconds between /init and the first driver, in which nobody drives the devices. */
  readonly undrivenSeconds: number;
  /** Modules that are loaded; false leaves every device without a driver. */
  readonly drivers: boolean;
  /** What is done with /proc/vmcore: looked for the pattern, or read twice and compared. */
  readonly dump: 'verify' | 'compare' | 'none';
}

/** /init of the second kernel: waits, loads drivers, tries every device, reads the dump, and tells the lab all of it. */
export function secondInit({ undrivenSeconds, drivers, dump }: SecondInitOptions): string {
  return `${guestShell}
say phase undriven
sleep ${undrivenSeconds}
say phase drivers
${drivers ? 'mods' : ''}
for fn in $(each_function); do
  net=$(net_of "$fn")
  [ -n "$net" ] && ip link set "$net" up 2>/dev/null
done
sleep 1
for fn in $(each_function); do
  works=none
  driver=$(driver_of "$fn")
  net=$(net_of "$fn")
  card=$(card_of "$fn")
  disk=$(disk_of "$fn")
  if [ -n "$net" ]; then
    before=$(cat "/sys/class/net/$net/statistics/rx_packets")
    sleep 1
    after=$(cat "/sys/class/net/$net/statistics/rx_packets")
    [ "$after" -gt "$before" ] && works=yes || works=no
  elif [ -n "$card" ]; then
    size=$(timeout 10 arecord -q -D "hw:$card,0" -f S16_LE -r 48000 -c 2 -s 4800 -t raw 2>/dev/null | wc -c)
    [ "$size" -ge 19200 ] && works=yes || works=no
  elif [ -n "$disk" ]; then
    dd if="/dev/$disk" of=/dev/null bs=4k count=4 iflag=direct 2>/dev/null && works=yes || works=no
  fi
  say "device $fn driver=\${driver:-none} works=$works"
done
say phase dump
if [ -e /proc/vmcore ]; then
  say "vmcore $(stat -c %s /proc/vmcore)"
  ${dump === 'verify' ? 'probe verify /proc/vmcore > /tmp/dump && say "verify $(cat /tmp/dump)"' : ''}
  ${dump === 'compare' ? 'probe changed /proc/vmcore > /tmp/dump && say "changed $(cat /tmp/dump)"' : ''}
else
  say "vmcore none"
fi
dmesg > /tmp/dmesg
report dmesg /tmp/dmesg
say done
while :; do sleep 1000; done
`;
}
