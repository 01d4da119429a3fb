/** A variable as a file of shell assignments sets it. */
export interface ShellAssignment {
  readonly value: string;
  /** Line of the assignment, from 1. */
  readonly line: number;
  /** The value holds `$…` or backquotes, which only a shell can resolve. */
  readonly unresolved: boolean;
}

/** Configuration files are small: what is beyond this is not read. */
const MAX_TEXT = 256 * 1024;
const MAX_VARIABLES = 1000;

/**
 * Reads a file such as `/etc/sysconfig/kdump`: `NAME=value`, in any quotes, with continued lines, `export` before it, comments.
 * The last assignment of a name counts, as in a shell.
 */
export function shellAssignments(text: string): Map<string, ShellAssignment> {
  const source = text.slice(0, MAX_TEXT);
  const found = new Map<string, ShellAssignment>();
  const start = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]{0,60})(\+?)=/gm;
  let counted = 0;
  let line = 1;
  for (let match = start.exec(source); match !== null; match = start.exec(source)) {
    for (; counted < match.index; counted++) if (source.charCodeAt(counted) === 10) line++;
    const word = readWord(source, start.lastIndex);
    // The value may span lines: what looks like an assignment within it is none.
    start.lastIndex = Math.max(start.lastIndex, word.end);
    const name = match[1] as string;
    const before = match[2] === '+' ? found.get(name) : undefined;
    if (!found.has(name) && found.size >= MAX_VARIABLES) continue;
    found.set(name, {
      value: (before?.value ?? '') + word.value,
      line,
      unresolved: word.unresolved || before?.unresolved === true,
    });
  }
  return found;
}

/** A word of shell: ends at a blank outside of quotes. */
function readWord(
  text: string,
  start: number,
): { readonly value: string; readonly end: number; readonly unresolved: boolean } {
  let value = '';
  let quote = '';
  let unresolved = false;
  let at = start;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote === "'") {
      if (char === "'") quote = '';
      else value += char;
    } else if (char === '\\') {
      const next = text.charAt(++at);
      if (next !== '\n') value += next;
    } else if (quote === '"' && char === '"') quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (quote === '' && /[\s;#&|]/.test(char)) break;
    else {
      if (char === '$' || char === '`') unresolved = true;
      value += char;
    }
  }
  return { value, end: at, unresolved };
}
