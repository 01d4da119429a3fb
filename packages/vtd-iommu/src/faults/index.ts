export { type FaultLogStyle, faultReasonNumber, faultReasonText } from './fault-log-text.ts';
export { type FaultClass, type FaultReason, faultReason, faultReasons } from './fault-reasons.ts';
