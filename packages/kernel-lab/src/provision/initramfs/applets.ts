/** Programs of busybox that the guest's scripts may call by name. */
export const applets: readonly string[] = (
  'ash awk base64 basename bc cat chmod chown chroot clear cmp cp cpio cut date dd devmem df dirname dmesg du echo egrep ' +
  'env expr false fgrep find free fuser getopt grep gunzip gzip halt head hexdump hostname id ifconfig insmod ip kill ' +
  'killall less ln logger losetup ls lsmod md5sum mdev mkdir mkfifo mknod mktemp modinfo more mount mountpoint mv nc ' +
  'nohup nproc od paste pgrep pidof ping pkill poweroff printenv printf ps pwd readlink realpath reboot renice reset ' +
  'rev rm rmdir rmmod route sed seq setsid sh sha1sum sha256sum sleep sort split stat strings stty sum switch_root ' +
  'sync sysctl tac tail tar tee test time timeout top touch tr true truncate tty umount uname uniq uptime usleep ' +
  'vi watch wc which xargs xxd yes zcat'
).split(' ');
