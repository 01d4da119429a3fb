#!/bin/sh
# quiesce-capture.sh - what a machine's devices, DMA remapping and kdump are set up like, as one JSON file.
#
#   sh quiesce-capture.sh > capture.json           as root, or not: what cannot be read is listed with the reason
#   sh quiesce-capture.sh -o capture.json          the same into a file
#   sh quiesce-capture.sh --no-redact              leaves everything as it stands
#   sh quiesce-capture.sh --root DIR               a machine's files below DIR, e.g. an unpacked sos report
#
# It needs sh, awk, sed, od, ls, tr and id, and nothing of quiesce. It reads files of /proc, /sys and /etc and the kernel's
# log, and writes nothing but its output. Of mounts it keeps device, point and type; of routes the default ones and those to
# addresses that kdump's configuration speaks of; of the names in /dev/disk those that it, fstab or the command line speak
# of; of network interfaces where they stand, their state and what is below them. Of PCI functions it reads config space and some attributes; never vpd, rom or
# resourceN, which some devices hang upon. It opens no network connection and starts nothing but the programs above,
# dmesg, and journalctl where dmesg has lost the start of the log.
#
# Redacted: UUIDs, disk ids and labels, MAC and other hardware addresses, world wide names, iSCSI and NVMe names, passwords,
# user@host, e-mail addresses, hosts of URLs and of NFS, the names of this host and those in /etc/hosts, IP addresses,
# serial numbers that are called so, user names in /home, the Device Serial Number in config space, and what is left of
# Vital Product Data there. The same thing gets the same placeholder, <uuid-1>. Not redacted: models, firmware versions,
# driver and module names, addresses of memory, names of volume groups, host names that nothing gives away as such.
# Read the result before you pass it on: it is text.
#
# Unlike `quiesce capture`, bytes that are no printable ASCII become "?" in text.

version=1
root=/
redact=1
output=

while [ $# -gt 0 ]; do
  case $1 in
    --root) root=${2:?"--root wants a folder"}; shift ;;
    -o) output=${2:?"-o wants a file"}; shift ;;
    --no-redact) redact=0 ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "quiesce-capture.sh: unknown argument $1" >&2; exit 2 ;;
  esac
  shift
done

LC_ALL=C
export LC_ALL
unset CDPATH
top=$(cd "$root" 2>/dev/null && pwd -P) || { echo "quiesce-capture.sh: no folder $root" >&2; exit 2; }
here=no
[ "$top" = / ] && here=yes
[ "$top" = / ] && top=
privileged=false
advice=': run as root'
if [ "$(id -u)" = 0 ]; then privileged=true; advice=; fi

# ---------------------------------------------------------------------------------------------------------------------
# What is read goes to the awk program below as lines: a letter and a path begin a file (T text, K kernel log, H bytes),
# "|" stands before each line of its text, blanks before bytes in hexadecimal. L and U are followed by "=" and where a link
# leads or why something could not be read.

unread() { printf 'U %s\n=%s\n' "$1" "$2"; }

# Says why a file cannot be read; true if it can.
readable() {
  if [ ! -e "$top/$1" ]; then unread "$1" 'there is no such file'
  elif [ ! -f "$top/$1" ]; then unread "$1" 'it is no regular file'
  elif [ ! -r "$top/$1" ]; then unread "$1" "permission denied$advice"
  else return 0
  fi
  return 1
}

# A file, whole; with further arguments, the lines of it that begin with one of these words.
text() {
  readable "$1" || return 0
  path=$1
  shift
  printf 'T %s\n' "$path"
  if [ $# -eq 0 ]; then
    sed 's/^/|/' "$top/$path" 2>/dev/null || printf '\nX input/output error\n'
  else
    words=$1
    shift
    for word in "$@"; do words="$words|$word"; done
    awk -v words="^[ \t]*($words)" '$0 ~ words { print "|" $0 }' "$top/$path"
  fi
  echo
}

# A file by what an awk program makes of its lines; it prints "|" before each that it keeps.
text_by() {
  readable "$1" || return 0
  printf 'T %s\n' "$1"
  awk "$2" "$top/$1"
}

# A small attribute of sysfs, without starting a program; most are optional.
attribute() {
  [ -f "$top/$1" ] || return 0
  if [ ! -r "$top/$1" ]; then unread "$1" "permission denied$advice"; return 0; fi
  printf 'T %s\n' "$1"
  while IFS= read -r line || [ -n "$line" ]; do printf '|%s\n' "$line"; done 2>/dev/null <"$top/$1"
}

# Bytes, at most as many as said, and the size that the file has.
bytes() {
  readable "$1" || return 0
  printf 'H %s\n=%s\n' "$1" "$2"
  od -An -v -tx1 -N$(($2 + 1)) "$top/$1" 2>/dev/null || printf 'X input/output error\n'
  size=$(ls -lnL "$top/$1" 2>/dev/null | awk '{ print $5; exit }')
  printf 'S %s\n' "${size:-0}"
}

# Where a symbolic link leads, if there is one.
link() {
  [ -L "$top/$1" ] || return 0
  listed=$(ls -ld "$top/$1" 2>/dev/null)
  printf 'L %s\n=%s\n' "$1" "${listed##* -> }"
}

# Names in a folder, as the lines of a file.
names() {
  [ -d "$top/$1" ] || return 0
  printf 'T %s\n' "$1"
  for entry in "$top/$1"/*; do
    if [ -e "$entry" ] || [ -L "$entry" ]; then printf '|%s\n' "${entry##*/}"; fi
  done
}

# The same, but nothing if the folder is empty.
members() {
  for entry in "$top/$1"/*; do
    if [ -e "$entry" ] || [ -L "$entry" ]; then names "$1"; return 0; fi
  done
}

# True if there is something in a folder; says so if not.
filled() {
  if [ ! -d "$top/$1" ]; then unread "$1" 'there is no such file'; return 1; fi
  if [ ! -r "$top/$1" ]; then unread "$1" "permission denied$advice"; return 1; fi
  for entry in "$top/$1"/*; do
    if [ -e "$entry" ] || [ -L "$entry" ]; then return 0; fi
  done
  unread "$1" 'it is empty'
  return 1
}

# What the machine is called: looked at to redact it, not kept.
host_names() {
  [ $here = yes ] && printf 'N %s\n' "$(uname -n)"
  for file in proc/sys/kernel/hostname etc/hostname; do
    [ -f "$top/$file" ] && [ -r "$top/$file" ] && { sed 's/^/N /' "$top/$file"; echo; }
  done
  [ -f "$top/etc/hosts" ] && [ -r "$top/etc/hosts" ] &&
    awk 'NR <= 1000 { sub(/#.*/, ""); for (i = 2; i <= NF; i++) print "N " $i }' "$top/etc/hosts"
}

host() {
  for name in version cmdline iomem sys/kernel/panic sys/kernel/panic_on_oops sys/kernel/panic_on_io_nmi \
    sys/kernel/panic_on_unrecovered_nmi sys/kernel/unknown_nmi_panic sys/kernel/osrelease; do
    text "proc/$name"
  done
  for name in kernel/kexec_loaded kernel/kexec_crash_loaded kernel/kexec_crash_size devices/system/cpu/possible \
    devices/system/cpu/present devices/system/cpu/online class/dmi/id/sys_vendor class/dmi/id/product_name \
    class/dmi/id/board_vendor class/dmi/id/board_name class/dmi/id/bios_vendor class/dmi/id/bios_version \
    class/dmi/id/bios_date; do
    text "sys/$name"
  done
  for name in kdump.conf sysconfig/kdump default/kdump-tools conf.d/kdump; do text "etc/$name"; done
  text proc/cpuinfo processor vendor_id 'CPU implementer' 'cpu	' platform
  text etc/os-release ID= VERSION_ID= PRETTY_NAME=
  text etc/default/grub GRUB_CMDLINE_LINUX
  if filled etc/default/grub.d; then
    for file in "$top"/etc/default/grub.d/*.cfg; do
      [ -e "$file" ] && text "etc/default/grub.d/${file##*/}" GRUB_CMDLINE_LINUX
    done
  fi
  if filled etc/modprobe.d; then
    for file in "$top"/etc/modprobe.d/*.conf; do
      [ -e "$file" ] && text "etc/modprobe.d/${file##*/}" blacklist install
    done
  fi
  for table in DMAR IVRS MCFG APIC; do bytes "sys/firmware/acpi/tables/$table" 1048576; done
}

remapping() {
  if filled sys/class/iommu; then
    for unit in "$top"/sys/class/iommu/*; do
      path=sys/class/iommu/${unit##*/}
      for name in address cap ecap version domains_supported domains_used; do attribute "$path/intel-iommu/$name"; done
      for name in cap features; do attribute "$path/amd-iommu/$name"; done
      names "$path/devices"
    done
  fi
  if filled sys/kernel/iommu_groups; then
    for group in "$top"/sys/kernel/iommu_groups/*; do
      for name in type reserved_regions; do attribute "sys/kernel/iommu_groups/${group##*/}/$name"; done
    done
  fi
}

functions() {
  filled sys/bus/pci/devices || return 0
  for function in "$top"/sys/bus/pci/devices/*; do
    path=sys/bus/pci/devices/${function##*/}
    case ${function##*/} in
      *[!0-9a-f:.]*) unread "$path" 'this is no name of a function'; continue ;;
      [0-9a-f][0-9a-f][0-9a-f][0-9a-f]*:[0-9a-f][0-9a-f]:[01][0-9a-f].[0-7]) ;;
      *) unread "$path" 'this is no name of a function'; continue ;;
    esac
    bytes "$path/config" 4096
    for name in vendor device subsystem_vendor subsystem_device class revision irq resource enable numa_node \
      power_state reset_method boot_vga ari_enabled msi_bus sriov_numvfs sriov_totalvfs; do
      attribute "$path/$name"
    done
    for name in driver iommu_group iommu physfn; do link "$path/$name"; done
    names "$path/msi_irqs"
  done
}

# What of mounts is kept: those on disks and servers, and the root; without options, without what of a file system it is.
kept_mounts='
  BEGIN {
    count = split("nfs nfs4 cifs smb3 ceph glusterfs fuse.glusterfs fuse.ceph lustre virtiofs 9p zfs", types, " ")
    for (i = 1; i <= count; i++) withoutDevice[types[i]] = 1
  }
  {
    gsub(/\r/, " ")
    dash = 0
    for (i = 7; i <= NF && !dash; i++) if ($i == "-") dash = i
    if (!dash || dash + 2 > NF) next
    type = $(dash + 1); source = $(dash + 2)
    disk = source ~ /^\/dev\// && source !~ /^\/dev\/loop/
    if ($5 != "/" && !disk && !(type in withoutDevice)) next
    if ($5 ~ /^\/(media|run\/media|run\/user|snap|var\/snap|var\/lib\/docker|var\/lib\/containers|var\/lib\/containerd|var\/lib\/kubelet)\//) next
    mode = $6
    sub(/,.*/, "", mode)
    print "|" $1 " " $2 " " $3 " " ($4 == "/" ? "/" : "/*") " " $5 " " mode " - " type " " source
  }'
kept_entries='
  { gsub(/\r/, " ") }
  NF >= 3 && $2 ~ /^\// && ($1 ~ /^\// || $1 ~ /^[A-Z]+=/ || $1 ~ /^[^#:]*:/) { print "|" $1 " " $2 " " $3 }'

# Lines of kdump's configuration, of the files named, and of others after these.
configuration() {
  for file in etc/kdump.conf etc/sysconfig/kdump etc/default/kdump-tools etc/conf.d/kdump "$@"; do
    [ -f "$top/$file" ] && [ -r "$top/$file" ] && { sed -n p "$top/$file"; echo; }
  done
}

block_devices() {
  filled sys/class/block || return 0
  for device in "$top"/sys/class/block/*; do
    case ${device##*/} in loop[0-9]* | ram[0-9]* | zram[0-9]* | fd[0-9]* | sr[0-9]*) continue ;; esac
    device=sys/class/block/${device##*/}
    link "$device"
    for name in dev dm/name dm/uuid md/level; do attribute "$device/$name"; done
    members "$device/slaves"
  done
}

# Of the names of devices those that are spoken of.
device_names() {
  wanted=$(configuration etc/fstab proc/cmdline)
  for folder in disk/by-id disk/by-label disk/by-partlabel disk/by-partuuid disk/by-path disk/by-uuid md; do
    for device in "$top/dev/$folder"/*; do
      case $wanted in *"${device##*/}"*) link "dev/$folder/${device##*/}" ;; esac
    done
  done
}

# Interfaces of hardware, and those that have others below them.
interfaces() {
  filled sys/class/net || return 0
  for interface in "$top"/sys/class/net/*; do
    [ -L "$interface" ] || continue
    lower=no
    for below in "$interface"/lower_*; do [ -L "$below" ] && lower=yes && break; done
    listed=$(ls -ld "$interface" 2>/dev/null)
    [ $lower = no ] && case ${listed##* -> } in */virtual/*) continue ;; esac
    name=sys/class/net/${interface##*/}
    link "$name"
    attribute "$name/operstate"
    attribute "$name/bonding/active_slave"
    for below in "$interface"/lower_*; do link "$name/${below##*/}"; done
  done
}

# Default routes, and those to addresses that kdump's configuration speaks of, or names that it does and /etc/hosts knows.
routes() {
  readable proc/net/route || return 0
  printf 'T proc/net/route\n'
  {
    configuration | sed 's/^/C/'
    [ -f "$top/etc/hosts" ] && [ -r "$top/etc/hosts" ] && { sed 's/^/H/' "$top/etc/hosts"; echo; }
    sed 's/^/R/' "$top/proc/net/route"
  } | awk '
    function address(text,  parts) {
      if (serverCount >= 100) return
      serverCount++
      if (split(text, parts, ".") != 4 || text !~ /^[0-9.]+$/) return
      servers[++known] = text
    }

    # The bytes of an address stand there as a processor reads a word of them.
    function byteOf(word, at) {
      at = 9 - 2 * at
      return 16 * (index("0123456789ABCDEF", substr(word, at, 1)) - 1) + index("0123456789ABCDEF", substr(word, at + 1, 1)) - 1
    }

    # A byte of a mask has its ones first: it parts 256 addresses into blocks.
    function leadsTo(server, to, mask,  parts, at, block) {
      split(server, parts, ".")
      for (at = 1; at <= 4; at++) {
        block = 256 - byteOf(mask, at)
        if (parts[at] > 255 || int(parts[at] / block) != int(byteOf(to, at) / block)) return 0
      }
      return 1
    }

    { kind = substr($0, 1, 1); $0 = substr($0, 2); gsub(/\r/, " ") }
    # Comments, and servers that mail is sent through, are no destinations.
    kind == "C" && $0 !~ /^[ \t]*#/ && $0 !~ /SMTP/ {
      text = text $0 "\n"
      for (rest = $0; match(rest, /[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+/); rest = substr(rest, RSTART + RLENGTH))
        address(substr(rest, RSTART, RLENGTH))
    }
    kind == "H" && ++hosts <= 1000 {
      sub(/#.*/, "")
      for (i = 2; i <= NF; i++) if (index(text, $i)) { address($1); break }
    }
    kind == "R" {
      if ($2 !~ word || $8 !~ word || length($2) != 8 || length($8) != 8) next
      keep = $2 == "00000000" && $8 == "00000000"
      for (i = 1; i <= known && !keep; i++) keep = leadsTo(servers[i], $2, $8)
      if (!keep) next
      line = $1
      for (i = 2; i <= NF; i++) line = line "\t" $i
      print "|" line
    }
    BEGIN { word = "^[0-9A-F]+$" }'
}

# Of IPv6, default routes that lead to an interface.
kept_routes_of_six='
  { gsub(/\r/, " ") }
  NF == 10 && $1 ~ /^0+$/ && $2 == "00" && $10 != "lo" {
    line = $1
    for (i = 2; i <= NF; i++) line = line " " $i
    print "|" line
  }'

dump_path() {
  text_by proc/self/mountinfo "$kept_mounts"
  text_by etc/fstab "$kept_entries"
  block_devices
  device_names
  interfaces
  routes
  if [ -e "$top/proc/net/ipv6_route" ]; then text_by proc/net/ipv6_route "$kept_routes_of_six"; fi
}

# True if a log begins where the kernel did.
begins_with_boot() { "$@" 2>/dev/null | awk '/Linux version / { yes = 1; exit } NR > 300 { exit } END { exit !yes }'; }

kernel_log() {
  journal='journalctl -k -b -q --no-pager -o short-monotonic'
  chosen=
  if [ $here = yes ]; then
    for command in dmesg "$journal"; do
      name=${command%% *}
      if ! command -v "$name" >/dev/null 2>&1; then unread "$name" 'there is no such command'; continue; fi
      # The words of a command are split here on purpose.
      # shellcheck disable=SC2086
      if ! $command >/dev/null 2>&1 </dev/null; then
        unread "$name" "$($command 2>&1 >/dev/null </dev/null | sed q)"
      elif begins_with_boot $command; then chosen=$command; break
      elif [ -z "$($command 2>/dev/null | sed q)" ]; then unread "$name" 'it printed nothing'
      elif [ -z "$chosen" ]; then chosen=$command
      fi
    done
  fi
  if [ -n "$chosen" ]; then
    printf 'K %s\n' "${chosen%% *}"
    $chosen 2>/dev/null </dev/null | sed 's/^/|/'
    echo
  elif readable var/log/dmesg; then
    printf 'K var/log/dmesg\n'
    sed 's/^/|/' "$top/var/log/dmesg"
    echo
  fi
}

everything() { host_names; host; remapping; functions; dump_path; kernel_log; }

# ---------------------------------------------------------------------------------------------------------------------
# Redacts and writes JSON. The rules are those of `quiesce capture`, in the same order.

write_json() {
  awk -v tool="quiesce capture script $version" -v taken="$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    -v privileged="$privileged" -v advice="$advice" -v redact="$redact" '
    function repeated(what, times,  all) { while (times-- > 0) all = all what; return all }

    function escaped(text,  out, at, character) {
      while ((at = match(text, /["\\\t\r]/)) > 0) {
        character = substr(text, at, 1)
        out = out substr(text, 1, at - 1) (character == "\t" ? "\\t" : character == "\r" ? "\\r" : "\\" character)
        text = substr(text, at + 1)
      }
      return out text
    }

    function fail(path, reason) {
      unreadPath[++unreadCount] = path
      unreadReason[unreadCount] = reason
    }

    # ---- redaction ----

    function numberOf(kind, key) {
      counts[kind]++
      if (!((kind, key) in numbers)) numbers[kind, key] = ++given[kind]
      return numbers[kind, key]
    }

    function placeholder(kind, secret,  key) {
      key = tolower(secret)
      if (kind == "mac-address") {
        gsub(/[:-]/, "", key)
        if (length(key) != 12) kind = "hardware-address"
      }
      return "<" kind "-" numberOf(kind, key) ">"
    }

    # No pattern has a question mark: mawk does not match that as long as it could.
    # What matches a pattern becomes a placeholder, but for its start and end that are kept; not if what it stands
    # after, or before, or what it is says otherwise.
    function replace(line, kind, pattern, keptStart, keptEnd, only, except, notAfter, notBefore,
        out, before, rest, at, len, found, start, end, body, secret, follows) {
      rest = line
      while (match(rest, pattern)) {
        at = RSTART; len = RLENGTH
        found = substr(rest, at, len)
        if (notAfter != "") {
          body = before substr(rest, 1, at - 1)
          if (length(body) > 24) body = substr(body, length(body) - 23)
          if (body ~ ("(" notAfter ")$")) {
            out = out substr(rest, 1, at); before = before substr(rest, 1, at); rest = substr(rest, at + 1)
            continue
          }
        }
        follows = substr(rest, at + len, 24)
        start = end = 0
        if (keptStart != "" && match(found, "^(" keptStart ")")) start = RLENGTH
        body = substr(found, start + 1)
        if (keptEnd != "" && match(body, "(" keptEnd ")$")) end = RLENGTH
        secret = substr(body, 1, length(body) - end)
        if ((notBefore != "" && follows ~ ("^(" notBefore ")")) || secret == "" ||
            (only != "" && secret !~ only) || (except != "" && secret ~ except))
          out = out substr(rest, 1, at + len - 1)
        else
          out = out substr(rest, 1, at - 1) substr(found, 1, start) placeholder(kind, secret) \
            substr(body, length(secret) + 1)
        before = before substr(rest, 1, at + len - 1)
        rest = substr(rest, at + len)
      }
      return out rest
    }

    function replaceName(line, name,  out, before, rest, at) {
      rest = line
      while ((at = index(tolower(rest), name)) > 0) {
        before = at > 1 ? substr(rest, at - 1, 1) : before
        if (before ~ /[0-9A-Za-z]/ || substr(rest, at + length(name), 1) ~ /[0-9A-Za-z]/) {
          out = out substr(rest, 1, at)
          before = substr(rest, at, 1)
          rest = substr(rest, at + 1)
          continue
        }
        out = out substr(rest, 1, at - 1) placeholder("host-name", name)
        before = ">"
        rest = substr(rest, at + length(name))
      }
      return out rest
    }

    function redactedOnce(line, named,  i) {
      line = replace(line, "uuid", h8 "-" h4 "-" h4 "-" h4 "-" h8 h4, "", "", "", "", alnum, alnum)
      line = replace(line, "uuid", h8 ":" h8 ":" h8 ":" h8, "", "", "", "", alnum, alnum)
      line = replace(line, "uuid", h8 h8 h8 h8, "", "", "", "", alnum, alnum)
      line = replace(line, "uuid", "/dev/disk/by-(part)*uuid/" value, "/dev/disk/by-[a-z]+/")
      line = replace(line, "label", "/dev/disk/by-(part)*label/" value, "/dev/disk/by-[a-z]+/")
      line = replace(line, "disk-id", "/dev/disk/by-id/" value, "/dev/disk/by-id/")
      line = replace(line, "mac-address", h h pair pair pair pair "(" pair ")+", "", "", "", "",
        "(" alnum "|cmd " h h "/)", alnum)
      line = replace(line, "mac-address", "(enx|wlx|wwx)" h8 h4, "...", "", "", "", alnum, alnum)
      line = replace(line, "world-wide-name", wide h8 h8 h "*", wide, "", "", "", "", alnum)
      line = replace(line, "world-wide-name", "[23]" h8 h8 "(" h8 h8 ")*", "", "", "", "", alnum, "[0-9A-Za-oq-z]")
      line = replace(line, "world-wide-name", "-(exp)*0x" h8 h8 "-(phy|lun)", "-(exp)*0x", "-(phy|lun)")
      line = replace(line, "uuid", "(UUID|uuid)=" quote "*" value, "(UUID|uuid)=" quote "*", "", "", "", "", "<")
      line = replace(line, "label", "LABEL=(" quote "[^\"" q "]+|" value ")", "LABEL=" quote "*", "", "", "^<[a-z-]+[0-9]+>$")
      line = replace(line, "storage-name", "[in]qn[.]" value, "", "", "", "", alnum)
      line = replace(line, "password",
        "([pP][aA][sS][sS][wW]([oO][rR])*[dD]|PASSPHRASE|passphrase|HOST_KEY)=(" quote "[^\"" q "]+|" value ")",
        "[A-Za-z_]+=" quote "*", "", "", "^<[a-z-]+[0-9]+>$")
      line = replace(line, "network-destination", "[a-z0-9]://[^] \t/\"" q "<>,;)]+", ".://")
      line = replace(line, "account", "[A-Za-z0-9._%+-]+@(" name "|" quad ")", "", "", "",
        "@[0-9a-f]*[0-9][0-9a-f]*$", "[A-Za-z0-9._%+-]")
      line = replace(line, "host-name", name ":/[^/ ]", "", ":/[^/ ]", "", "^(nfs|nfs4|http|https|ftp|file)$",
        "[A-Za-z0-9._@/<>-]")
      line = replace(line, "host-name", "//" alnum "[A-Za-z0-9.-]*/", "//", "/", "", "", "[^ \t]")
      line = replace(line, "host-name", "(SERVER|HOST|HOSTNAME|HOSTTAG|hostname)=" quote "*" value,
        "[A-Za-z]+=" quote "*", "", "", "^(ip|hostname)$")
      line = replace(line, "host-name", "ip=" fields "[A-Za-z0-9][A-Za-z0-9.-]*", "ip=" fields, "", "", "", alnum)
      line = replace(line, "ip-address", quad, "", "", "",
        "(^|[.])(25[6-9]|2[6-9][0-9]|[3-9][0-9][0-9])([.]|$)|^(0|127|255)[.]|[0-9][0-9][0-9][0-9]",
        "([0-9A-Za-z._-]|" versionWord ")", "([0-9A-Za-z_]|[.][0-9A-Za-z])")
      line = replace(line, "ip-address", "ip-" quad, "ip-", "", "", "", alnum)
      if (index(line, "::"))
        line = replace(line, "ip-address", "[0-9a-fA-F:]*" h, "", "", "::", "^::1$", "[0-9A-Za-z:.]", "[0-9A-Za-z]")
      line = replace(line, "ip-address", g ":" g ":" g ":" g ":" g ":" g ":" g ":" g, "", "", "", h4 h,
        "[0-9A-Za-z:]", "[0-9A-Za-z:]")
      line = replace(line, "serial-number", serial value, serial, "", "[0-9]", "^[0-9][0-9]?[0-9]?$")
      line = replace(line, "user-name", "/(home|Users)/[^] \t/:\"" q ",;<>)]+", "/(home|Users)/")
      line = replace(line, "host-name", "[A-Za-z0-9][A-Za-z0-9._-]* kernel:", "", " kernel:", "",
        "^(localhost|the|Linux|linux|this|of|in)$", "[^ ]")
      if (named) for (i = 1; i <= hostCount; i++) line = replaceName(line, hosts[i])
      return line
    }

    function redacted(line, named,  round, before) {
      for (round = 0; round < 4; round++) {
        before = line
        line = redactedOnce(line, named)
        if (line == before) break
      }
      return line
    }

    # ---- names of the host ----

    function addHost(name,  parts, count, i, telling) {
      if (name !~ /^[a-z0-9][a-z0-9._-]*$/ || length(name) < 3 || length(name) > 255 || name !~ /[a-z]/) return
      count = split(name, parts, /[.-]/)
      for (i = 1; i <= count; i++) if (!(parts[i] in ordinary) && parts[i] !~ /^[0-9]*$/) telling = 1
      if (!telling) return
      listHost(name)
      # So a volume group that is called like the host stands in names of device mapper.
      if (gsub(/-/, "--", name)) listHost(name)
    }

    function listHost(name,  i) {
      if (name in isHost) return
      isHost[name] = 1
      # Longest first, then by the alphabet.
      for (i = ++hostCount; i > 1 && (length(hosts[i - 1]) < length(name) ||
          (length(hosts[i - 1]) == length(name) && hosts[i - 1] > name)); i--) hosts[i] = hosts[i - 1]
      hosts[i] = name
    }

    function takeHost(name,  dot) {
      gsub(/[ \t\r]/, "", name)
      sub(/[.]$/, "", name)
      name = tolower(name)
      addHost(name)
      dot = index(name, ".")
      if (dot > 0) { addHost(substr(name, 1, dot - 1)); addHost(substr(name, dot + 1)) }
    }

    # ---- bytes ----

    function valueOf(at) {
      return 16 * (index("0123456789abcdef", substr(bytes[at], 1, 1)) - 1) + \
        index("0123456789abcdef", substr(bytes[at], 2, 1)) - 1
    }

    # All bytes are 00, or all are ff.
    function isBlank(at, count,  i) {
      if (bytes[at] != "00" && bytes[at] != "ff") return 0
      for (i = 1; i < count; i++) if (bytes[at + i] != bytes[at]) return 0
      return 1
    }

    function joined(at, count,  all, i) {
      for (i = 0; i < count; i++) all = all bytes[at + i]
      return all
    }

    # Vital Product Data (capability 03h): four bytes that somebody read last.
    function redactProductData(  at, steps) {
      if (byteCount < 256 || int(valueOf(6) / 16) % 2 == 0) return
      at = valueOf(valueOf(14) % 128 == 2 ? 20 : 52)
      for (at -= at % 4; at >= 64 && steps++ < 64; at -= at % 4) {
        if (bytes[at] == "03" && at + 8 <= 256) {
          if (isBlank(at + 4, 4)) return
          numberOf("vital-product-data", joined(at + 4, 4))
          bytes[at + 4] = bytes[at + 5] = bytes[at + 6] = bytes[at + 7] = "00"
          return
        }
        at = valueOf(at + 1)
      }
    }

    # Device Serial Number (extended capability 0003h), eight bytes: a number takes their place.
    function redactSerialNumbers(  at, number, i, seen) {
      for (at = 256; at >= 256 && at + 12 <= byteCount && !(at in seen); ) {
        seen[at] = 1
        if (isBlank(at, 4)) return
        if (bytes[at] == "03" && bytes[at + 1] == "00" && !isBlank(at + 4, 8) && joined(at + 6, 6) != "000000000000") {
          number = numberOf("device-serial-number", joined(at + 4, 8))
          bytes[at + 4] = sprintf("%02x", number % 256)
          bytes[at + 5] = sprintf("%02x", int(number / 256) % 256)
          for (i = 6; i < 12; i++) bytes[at + i] = "00"
        }
        at = int(valueOf(at + 2) / 16) + 16 * valueOf(at + 3)
        at -= at % 4
      }
    }

    # ---- files ----

    # Interfaces are named for their MAC addresses, devices for what people call them.
    function isTelling(path) { return redact && path ~ /^(sys\/class\/net|dev)\// }

    function redactedPath(path) { return isTelling(path) ? substr(redacted("/" path, 1), 2) : path }

    function beginFile(path) {
      printf "%s  {\"path\": \"%s\", ", (fileCount++ ? ",\n" : ""), escaped(redactedPath(path))
    }

    # Addresses of a route.
    function withoutAddresses(line,  parts, count, i, all, six, by) {
      six = path == "proc/net/ipv6_route"
      by = six ? " " : "\t"
      count = split(line, parts, by)
      for (i = 1; i <= count; i++) {
        if ((six ? i == 5 : i == 2 || i == 3) && parts[i] !~ /^0*$/) {
          numberOf("ip-address", tolower(parts[i]))
          gsub(/[0-9a-fA-F]/, "0", parts[i])
        }
        if (six && i == count) parts[i] = redacted(parts[i], 1)
        all = all (i > 1 ? by : "") parts[i]
      }
      return all
    }

    function finishText(  i, line, ofPrograms, tooMany, size, boot, named, form, nonzero) {
      if (textBytes > 1048576 && state != "K") { fail(path, "it is larger than 1048576 bytes"); return }
      form = path ~ /^sys\// && path !~ /^sys\/class\/(dmi|net)\// && path !~ /\/dm\/name$/
      named = !form && path !~ /^sys\/class\/dmi\// && path != "proc/iomem"
      beginFile(path)
      printf "\"text\": \""
      for (i = 1; i <= lineCount; i++) {
        line = lines[i]
        if (state == "K") {
          if (i <= 300 && line ~ /Linux version /) boot = 1
          if (line ~ /audit[:(]|audit_|systemd(-[a-z]+)?\[|IN=[^ ]* OUT=|apparmor=|SELinux:/) { ofPrograms++; continue }
          if (size + length(line) + 1 > 2097152 || (size > 1048576 && line !~ \
            /DMAR|IOMMU|iommu|AMD-Vi|SMMU|smmu|INTR-REMAP|PCI|pci|kexec|crash|Command line|command line|Linux version|e820|ACPI/)) {
            tooMany++; continue
          }
          size += length(line) + 1
        }
        if (path == "proc/iomem" && line ~ /[1-9a-f][0-9a-f]* :/) nonzero = 1
        if (path ~ /\/dm\/uuid$/) sub(/-.*/, "", line)
        # Addresses of 32 digits would be taken for UUIDs.
        if (redact && !form && path != "proc/net/ipv6_route") line = redacted(line, named)
        if (redact && path ~ /^proc\/net\/(ipv6_)*route$/) line = withoutAddresses(line)
        printf "%s\\n", escaped(line)
      }
      printf "\"}"
      if (path == "proc/iomem" && !nonzero) fail(path, "all addresses are 0" advice)
      if (state == "K") {
        if (!boot) fail(path, "its beginning is lost: later lines have taken its place")
        if (ofPrograms) fail(path, ofPrograms " lines of programs and networks were left out")
        if (tooMany) fail(path, tooMany " lines were left out: it is larger than 2 MiB")
      }
    }

    function finishBytes(  i) {
      if (byteCount > limit) { fail(path, "it is larger than " limit " bytes"); return }
      if (redact && path ~ /\/config$/) { redactProductData(); redactSerialNumbers() }
      beginFile(path)
      printf "\"hex\": \""
      for (i = 0; i < byteCount; i++) printf "%s", bytes[i]
      printf "\"}"
      if (byteCount < fileSize) fail(path, byteCount " of " fileSize " bytes" advice)
    }

    function finish() {
      if (broken != "") fail(path, broken)
      else if (state == "T" || state == "K") finishText()
      else if (state == "H") finishBytes()
      state = broken = ""
    }

    BEGIN {
      q = "\047"; quote = "[\"" q "]"; alnum = "[0-9A-Za-z]"; value = "[^] \t,;\"" q "<>)]+"
      h = "[0-9a-fA-F]"; h4 = h h h h; h8 = h4 h4; g = h "+"; pair = "[:-]" h h
      octet = "[0-9]+"; quad = octet "[.]" octet "[.]" octet "[.]" octet
      name = "[A-Za-z][A-Za-z0-9.-]*"
      fields = repeated("[^: =]*:", 4)
      wide = "(wwn-0x|naa[.]|eui[.]|[wW][wW][pP]*[nN][ :=]+(0x)*)"
      serial = "([sS]erial[ _-]*[nN](umber|o)[.]*|S/N|ID_SERIAL|ID_SERIAL_SHORT)[ \t:=#]+" quote "*"
      versionWord = "([vV]er(sion)*|[rR]ev(ision)*|[fF]irmware|[fF][wW]|BIOS|[dD]river|[rR]elease)[ .:=]+"
      count = split("localhost localdomain localhost4 localhost6 localdomain4 localdomain6 ip6-localhost ip6-loopback " \
        "ip6-allnodes ip6-allrouters ip6-localnet ip6-mcastprefix broadcasthost gateway linux kernel debian ubuntu " \
        "fedora centos rocky almalinux rhel redhat suse opensuse arch gentoo alpine root boot crash kdump kexec pci " \
        "pcie acpi dmar iommu intel amd nvme usb sata scsi ata ahci net eth0 console quiet host name user account " \
        "address mac uuid serial number label disk storage password world wide hardware device vital product data " \
        "network destination local server the true false yes", words, " ")
      for (i = 1; i <= count; i++) ordinary[words[i]] = 1
      printf "{\"schema\": \"quiesce/capture/1\", \"tool\": \"%s\", \"taken\": \"%s\", \"privileged\": %s,\n\"files\": [\n", \
        tool, taken, privileged
    }

    /^[TKHLU] / {
      finish()
      state = substr($0, 1, 1); path = substr($0, 3)
      lineCount = textBytes = byteCount = fileSize = 0
      next
    }
    /^N / { takeHost(substr($0, 3)); next }
    /^[|]/ { lines[++lineCount] = substr($0, 2); textBytes += length($0); next }
    /^ / { for (i = 1; i <= NF; i++) bytes[byteCount++] = $i; next }
    /^S / { fileSize = $2 + 0; next }
    /^X / { broken = substr($0, 3); next }
    /^=/ {
      if (state == "H") limit = substr($0, 2) + 0
      else if (state == "U") { fail(path, substr($0, 2)); state = "" }
      else if (state == "L") {
        beginFile(path)
        printf "\"link\": \"%s\"}", escaped(isTelling(path) ? redacted(substr($0, 2), 1) : substr($0, 2))
        state = ""
      }
      next
    }

    END {
      finish()
      printf "\n],\n\"unread\": [\n"
      for (i = 1; i <= unreadCount; i++)
        printf "%s  {\"path\": \"%s\", \"reason\": \"%s\"}", (i > 1 ? ",\n" : ""), escaped(redactedPath(unreadPath[i])), \
          escaped(unreadReason[i])
      printf "\n],\n\"redacted\": ["
      count = split("uuid disk-id mac-address hardware-address world-wide-name label storage-name password " \
        "network-destination account host-name ip-address serial-number user-name device-serial-number " \
        "vital-product-data", words, " ")
      if (redact) for (i = 1; i <= count; i++) printf "%s\"%s: %d\"", (i > 1 ? ", " : ""), words[i], counts[words[i]]
      printf "]}\n"
    }
  '
}

# Printable ASCII, tabs and line ends: everything else, of which JSON would not be valid, becomes a question mark.
capture() { everything | tr -c '\011\012\015\040-\176' '?' | write_json; }

if [ -n "$output" ]; then
  umask 077
  capture >"$output" && echo "quiesce-capture.sh: wrote $output; read it before you pass it on" >&2
else
  capture
fi
