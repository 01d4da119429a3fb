import { guestShell } from './guest-shell.ts';

/** Where the capture script stands in the guest. */
export const CAPTURE_SCRIPT = '/capture.sh';
/** Who takes the second capture, so that the guest knows somebody without rights. */
export const guestUsers: string = 'root:x:0:0::/:/bin/sh\nsomebody:x:1000:1000::/:/bin/sh\n';

/**
 * /init of a kernel that takes a capture of its machine, as root and as an ordinary user, and tells beside it what drives
 * each function and which group it is in. Reports are packed: their checksum says whether they came over whole.
 */
export const captureInit: string = `${guestShell}
group_of() { link=$(readlink "/sys/bus/pci/devices/$1/iommu_group") && echo "\${link##*/}"; }
hand_over() { gzip -c "$2" > /run/packed; report "$1" /run/packed; }
mods
sleep 1
sh ${CAPTURE_SCRIPT} > /run/root.json 2> /run/root.errors
chmod 755 /run
busybox su -s /bin/sh somebody -c 'sh ${CAPTURE_SCRIPT}' > /run/user.json 2> /run/user.errors
for who in root user; do
  hand_over $who /run/$who.json
  hand_over $who-errors /run/$who.errors
done
for fn in $(each_function); do say "function $fn driver=$(driver_of "$fn") group=$(group_of "$fn")"; done
say ready
while :; do sleep 1000; done
`;
