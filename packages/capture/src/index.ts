export type { CommandResult, RunCommand } from './collect/boot-log.ts';
export { type CollectOptions, collectCapture } from './collect/collect-capture.ts';
export { type OpenedCapture, openCapture } from './open/open-capture.ts';
export { defaultOpenLimits, type OpenLimits } from './open/open-limits.ts';
export { hostNamesOf } from './redaction/host-names.ts';
export { Placeholders } from './redaction/placeholders.ts';
export { redactConfigSpace } from './redaction/redact-config-space.ts';
export { redactText } from './redaction/redact-files.ts';
export { type RedactionKind, redactionKinds } from './redaction/redaction-rules.ts';
