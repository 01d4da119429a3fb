const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * A date or time of day as logs print it, in seconds of an unknown epoch: only good for telling which of two of the
 * same form is later. Undefined where it has no form that is known.
 */
export function wallSeconds(stamp: string | undefined): number | undefined {
  if (stamp === undefined) return;
  const time = /(\d\d):(\d\d)(?::(\d\d))?/.exec(stamp);
  if (time === null) return;
  const day = Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3] ?? 0);
  const iso = /(\d{4})-(\d\d)-(\d\d)/.exec(stamp);
  if (iso !== null) return Date.UTC(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3])) / 1000 + day;
  const named = /([a-z]{3})[a-z]{0,2}\.? ?\s?(\d{1,2})\b/i.exec(stamp);
  const month = named === null ? -1 : MONTHS.indexOf((named[1] as string).toLowerCase());
  if (named === null || month < 0) return;
  return (month * 31 + Number(named[2])) * 86_400 + day;
}
