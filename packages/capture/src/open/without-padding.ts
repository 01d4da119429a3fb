/**
 * An attribute of sysfs without the zeros that tar puts behind it: sysfs says that each attribute has 4,096 bytes, and
 * tar fills up what is missing. Bytes that are not text stay as they are.
 */
export function withoutPadding(path: readonly string[], content: Uint8Array): Uint8Array {
  if (!path.includes('sys') || path.at(-1) === 'config' || path.includes('acpi')) return content;
  const end = content.indexOf(0);
  return end < 0 || content.subarray(end).some((byte) => byte !== 0) ? content : content.slice(0, end);
}
