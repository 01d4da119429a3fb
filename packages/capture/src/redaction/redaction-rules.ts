/**
 * A thing that tells who owns a machine or where it stands. Patterns are kept to what POSIX awk understands as well
 * (no lookaround, no classes like `\d`; no `?`, which mawk does not match as long as it could): the shell script has the
 * same rules in the same order.
 */
export interface RedactionRule {
  readonly kind: RedactionKind;
  readonly pattern: string;
  /** Looked for only in lines with this in them. */
  readonly ifLineHas?: string;
  /** What of a match's start is kept. */
  readonly keptStart?: string;
  /** What of a match's end is kept. */
  readonly keptEnd?: string;
  /** Replaced only if the rest matches this. */
  readonly only?: string;
  /** Left alone if the rest matches this. */
  readonly except?: string;
  /** Left alone if the 24 characters before match this at their end. */
  readonly notAfter?: string;
  /** Left alone if what follows matches this at its start. */
  readonly notBefore?: string;
}

/** Kinds of things that are replaced; a placeholder is `<kind-number>`. */
export const redactionKinds = [
  'uuid',
  'disk-id',
  'mac-address',
  'hardware-address',
  'world-wide-name',
  'label',
  'storage-name',
  'password',
  'network-destination',
  'account',
  'host-name',
  'ip-address',
  'serial-number',
  'user-name',
  'device-serial-number',
  'vital-product-data',
] as const;

/** One of {@link redactionKinds}. */
export type RedactionKind = (typeof redactionKinds)[number];

const hex = '[0-9a-fA-F]';
const alnum = '[0-9A-Za-z]';
const value = `[^] \t,;"'<>)]+`;
const quote = `["']`;
const group = `${hex}+`;
const octet = '[0-9]+';
const name = '[A-Za-z][A-Za-z0-9.-]*';
const fields = '[^: =]*:'.repeat(4);
const pair = `[:-]${hex}${hex}`;
const versionWord = '([vV]er(sion)*|[rR]ev(ision)*|[fF]irmware|[fF][wW]|BIOS|[dD]river|[rR]elease)[ .:=]+';

/** In the order in which they are applied to a line, again and again until nothing changes. */
export const redactionRules: readonly RedactionRule[] = [
  {
    kind: 'uuid',
    pattern: [8, 4, 4, 4, 12].map((digits) => hex.repeat(digits)).join('-'),
    notAfter: alnum,
    notBefore: alnum,
  },
  {
    kind: 'uuid',
    pattern: [8, 8, 8, 8].map((digits) => hex.repeat(digits)).join(':'),
    notAfter: alnum,
    notBefore: alnum,
  },
  { kind: 'uuid', pattern: hex.repeat(32), notAfter: alnum, notBefore: alnum },
  {
    kind: 'uuid',
    pattern: `/dev/disk/by-(part)*uuid/${value}`,
    keptStart: '/dev/disk/by-[a-z]+/',
  },
  {
    kind: 'label',
    pattern: `/dev/disk/by-(part)*label/${value}`,
    keptStart: '/dev/disk/by-[a-z]+/',
  },
  { kind: 'disk-id', pattern: `/dev/disk/by-id/${value}`, keptStart: '/dev/disk/by-id/' },
  {
    kind: 'mac-address',
    pattern: `${hex}${hex}${pair}${pair}${pair}${pair}(${pair})+`,
    // `ata1.00: ACPI cmd ef/10:06:00:00:00:00` are registers.
    notAfter: `(${alnum}|cmd ${hex}${hex}/)`,
    notBefore: alnum,
  },
  {
    kind: 'mac-address',
    pattern: `(enx|wlx|wwx)${hex.repeat(12)}`,
    keptStart: '...',
    notAfter: alnum,
    notBefore: alnum,
  },
  {
    kind: 'world-wide-name',
    pattern: `(wwn-0x|naa[.]|eui[.]|[wW][wW][pP]*[nN][ :=]+(0x)*)${hex.repeat(16)}${hex}*`,
    keptStart: '(wwn-0x|naa[.]|eui[.]|[wW][wW][pP]*[nN][ :=]+(0x)*)',
    notBefore: alnum,
  },
  {
    // Logical units as device mapper and udev name them: an identifier of NAA, with its kind before it.
    kind: 'world-wide-name',
    pattern: `[23]${hex.repeat(16)}(${hex.repeat(16)})*`,
    notAfter: alnum,
    notBefore: '[0-9A-Za-oq-z]',
  },
  {
    kind: 'world-wide-name',
    pattern: `-(exp)*0x${hex.repeat(16)}-(phy|lun)`,
    keptStart: '-(exp)*0x',
    keptEnd: '-(phy|lun)',
  },
  {
    kind: 'uuid',
    pattern: `(UUID|uuid)=${quote}*${value}`,
    keptStart: `(UUID|uuid)=${quote}*`,
    notBefore: '<',
  },
  {
    kind: 'label',
    pattern: `LABEL=(${quote}[^"']+|${value})`,
    keptStart: `LABEL=${quote}*`,
    except: '^<[a-z-]+[0-9]+>$',
  },
  { kind: 'storage-name', pattern: `[in]qn[.]${value}`, notAfter: alnum },
  {
    kind: 'password',
    pattern: `([pP][aA][sS][sS][wW]([oO][rR])*[dD]|PASSPHRASE|passphrase|HOST_KEY)=(${quote}[^"']+|${value})`,
    keptStart: `[A-Za-z_]+=${quote}*`,
    except: '^<[a-z-]+[0-9]+>$',
  },
  { kind: 'network-destination', pattern: `[a-z0-9]://[^] \t/"'<>,;)]+`, keptStart: '.://' },
  {
    kind: 'account',
    pattern: `[A-Za-z0-9._%+-]+@(${name}|${octet}[.]${octet}[.]${octet}[.]${octet})`,
    // `serial@fe300000` is a node of a device tree.
    except: '@[0-9a-f]*[0-9][0-9a-f]*$',
    notAfter: '[A-Za-z0-9._%+-]',
  },
  {
    kind: 'host-name',
    pattern: `${name}:/[^/ ]`,
    keptEnd: ':/[^/ ]',
    notAfter: '[A-Za-z0-9._@/<>-]',
    except: '^(nfs|nfs4|http|https|ftp|file)$',
  },
  {
    kind: 'host-name',
    pattern: `//${alnum}[A-Za-z0-9.-]*/`,
    keptStart: '//',
    keptEnd: '/',
    notAfter: '[^ \t]',
  },
  {
    kind: 'host-name',
    pattern: `(SERVER|HOST|HOSTNAME|HOSTTAG|hostname)=${quote}*${value}`,
    keptStart: `[A-Za-z]+=${quote}*`,
    except: '^(ip|hostname)$',
  },
  {
    kind: 'host-name',
    pattern: `ip=${fields}[A-Za-z0-9][A-Za-z0-9.-]*`,
    keptStart: `ip=${fields}`,
    notAfter: alnum,
  },
  {
    kind: 'ip-address',
    pattern: `${octet}[.]${octet}[.]${octet}[.]${octet}`,
    except: '(^|[.])(25[6-9]|2[6-9][0-9]|[3-9][0-9][0-9])([.]|$)|^(0|127|255)[.]|[0-9][0-9][0-9][0-9]',
    notAfter: `([0-9A-Za-z._-]|${versionWord})`,
    notBefore: '([0-9A-Za-z_]|[.][0-9A-Za-z])',
  },
  {
    kind: 'ip-address',
    pattern: `ip-${octet}[.]${octet}[.]${octet}[.]${octet}`,
    keptStart: 'ip-',
    notAfter: alnum,
  },
  {
    kind: 'ip-address',
    ifLineHas: '::',
    pattern: `[0-9a-fA-F:]*${hex}`,
    only: '::',
    except: '^::1$',
    notAfter: '[0-9A-Za-z:.]',
    notBefore: '[0-9A-Za-z]',
  },
  {
    kind: 'ip-address',
    pattern: `${group}:${group}:${group}:${group}:${group}:${group}:${group}:${group}`,
    except: hex.repeat(5),
    notAfter: '[0-9A-Za-z:]',
    notBefore: '[0-9A-Za-z:]',
  },
  {
    kind: 'serial-number',
    pattern: `([sS]erial[ _-]*[nN](umber|o)[.]*|S/N|ID_SERIAL|ID_SERIAL_SHORT)[ \t:=#]+${quote}*${value}`,
    keptStart: `([sS]erial[ _-]*[nN](umber|o)[.]*|S/N|ID_SERIAL|ID_SERIAL_SHORT)[ \t:=#]+${quote}*`,
    only: '[0-9]',
    except: '^[0-9][0-9]?[0-9]?$',
  },
  { kind: 'user-name', pattern: `/(home|Users)/[^] \t/:"',;<>)]+`, keptStart: '/(home|Users)/' },
  {
    kind: 'host-name',
    pattern: '[A-Za-z0-9][A-Za-z0-9._-]* kernel:',
    keptEnd: ' kernel:',
    except: '^(localhost|the|Linux|linux|this|of|in)$',
    notAfter: '[^ ]',
  },
];
