/** Words that only faults of remapping units have. */
const FAULT_WORDS =
  /fault addr|fault reason|fault index|\bRequest device\b|IO_PAGE_FAULT|AMD-Vi: Event logged|\[DMA (?:Read|Write)|Unhandled context fault|fault from EP \d/i;

/** Why a line that has the words of a fault is none; undefined if it has no such words. */
export function whyNotAFault(raw: string, message: string): string | undefined {
  if (!FAULT_WORDS.test(raw)) return;
  const text = raw.trimStart();
  if (
    /%(?:0?\d*)(?:l{0,2}|h{0,2})[xXsduip]\b|%p[A-Za-z]?\b|\b(?:pr_\w+|printk|dev_\w+|printf|snprintf)\s*\(/.test(
      text,
    )
  ) {
    return 'not a fault: source code that prints such lines';
  }
  if (/^[+-](?![\d.])/.test(text)) return 'not a fault: a line of a patch';
  if (/^(?:#|\/\/|\/\*|\*\s|;;)/.test(text)) return 'not a fault: a comment';
  if (/^subject:/i.test(text)) return 'not a fault: the subject of a mail';
  if (/^(?:[*"'`([]|grep|dmesg|journalctl|\$ )/.test(message)) return 'not a fault: quoted or searched for';
  return "has words of a fault, but not where a kernel's message begins: not taken for one";
}

/** A message behind a carrier that is not known: it must tell the time, and hold no sentence. */
export function behindUnknownCarrier(text: string): string | undefined {
  const at = text.search(/(?:\bdmar: )?\bDMAR(?::|-IR:) ?|\bAMD-Vi: |\[VT-D\]/);
  if (at <= 0 || at > 160) return;
  const before = text.slice(0, at);
  if (
    !/(?<![\da-f:])\d\d:\d\d:\d\d(?![\da-f:])/.test(before) ||
    /["'`%(]/.test(before) ||
    !/(?:[:\]|>] ?|\t)$/.test(before)
  )
    return;
  if ((before.match(/[A-Za-z]{2,}/g)?.length ?? 0) > 5) return;
  return text.slice(at);
}
