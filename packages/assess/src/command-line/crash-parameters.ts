/** One parameter of a kernel's command line. */
export interface CrashParameter {
  /** Without its value; `-` and `_` are the same to the kernel, and are `_` here. */
  readonly name: string;
  /** Undefined if there is no `=`. */
  readonly value: string | undefined;
  /** As it stands there, quotes left out. */
  readonly written: string;
}

/** Longest line that a kernel takes on any architecture is 4,096; beyond this nothing is read. */
const LONGEST = 16_384;

/** A command line taken apart as the kernel does it (`next_arg` in lib/cmdline.c). */
export class CrashParameters {
  readonly all: readonly CrashParameter[];
  /** What stands behind `--`: arguments of init, which the kernel does not look at. */
  readonly ofInit: readonly string[];
  readonly #byName = new Map<string, CrashParameter[]>();

  constructor(line: string) {
    const words = split(line.slice(0, LONGEST));
    const end = words.indexOf('--');
    this.all = (end < 0 ? words : words.slice(0, end)).map(parameterOf);
    this.ofInit = end < 0 ? [] : words.slice(end + 1);
    for (const one of this.all) {
      const same = this.#byName.get(one.name);
      if (same === undefined) this.#byName.set(one.name, [one]);
      else same.push(one);
    }
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The last one of that name, which counts for most parameters. */
  last(name: string): CrashParameter | undefined {
    return this.#byName.get(name)?.at(-1);
  }

  every(name: string): readonly CrashParameter[] {
    return this.#byName.get(name) ?? [];
  }

  /** Values between commas, of all parameters of that name in order. */
  values(name: string): readonly string[] {
    return this.every(name).flatMap(({ value }) => (value === undefined ? [] : value.split(',')));
  }

  /** The last of these words that a parameter has among its values. */
  lastOf(name: string, words: readonly string[]): string | undefined {
    return this.values(name)
      .filter((value) => words.includes(value))
      .at(-1);
  }

  /** A number, decimal or with 0x; undefined if there is none. */
  number(name: string): number | undefined {
    const value = this.last(name)?.value;
    return value !== undefined && /^(?:\d{1,9}|0x[0-9a-f]{1,8})$/i.test(value) ? Number(value) : undefined;
  }
}

function split(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let quoted = false;
  let begun = false;
  for (const character of line) {
    if (character === '"') {
      quoted = !quoted;
      begun = true;
    } else if (!quoted && /\s/.test(character)) {
      if (begun) words.push(word);
      [word, begun] = ['', false];
    } else {
      word += character;
      begun = true;
    }
  }
  if (begun) words.push(word);
  return words;
}

function parameterOf(written: string): CrashParameter {
  const at = written.indexOf('=');
  const name = (at < 0 ? written : written.slice(0, at)).replaceAll('-', '_');
  return { name, value: at < 0 ? undefined : written.slice(at + 1), written };
}
