/** The serial port over which a guest's /init and the lab talk; the console is the first one. */
export const REPORT_PORT = '/dev/ttyS1';
/** Where the initramfs has the modules that the lab loads, and the file that lists them in order. */
export const MODULE_LIST = '/mods/order';

/** What both kernels' /init begin with. `say` tells the lab a line; `report` gives it a file, as base64. */
export const guestShell: string = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /run /sbin /usr/bin /usr/sbin
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /run
stty -F ${REPORT_PORT} raw -echo 115200
exec 3<>${REPORT_PORT}
say() { echo "$*" >&3; }
report() { say "report $1"; base64 "$2" >&3; say "end"; }
mods() { while read -r module; do insmod "/mods/$module" || say "note insmod $module failed"; done < ${MODULE_LIST}; }
each_function() { for path in /sys/bus/pci/devices/*; do echo "\${path##*/}"; done; }
driver_of() { link=$(readlink "/sys/bus/pci/devices/$1/driver") && echo "\${link##*/}"; }
net_of() { ls "/sys/bus/pci/devices/$1/net" 2>/dev/null | head -n 1; }
card_of() { for path in "/sys/bus/pci/devices/$1"/sound/card*; do [ -e "$path" ] && echo "\${path##*card}"; done; }
disk_of() { for path in "/sys/bus/pci/devices/$1"/nvme/nvme*/nvme*n1; do [ -e "$path" ] && echo "\${path##*/}"; done; }
`;
