/** Input may stand in a message: it must neither break the line nor reach the terminal as control characters. */
export function oneLine(message: string): string {
  const plain = message.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '?');
  return plain.length > 1000 ? `${plain.slice(0, 1000)}…` : plain;
}
