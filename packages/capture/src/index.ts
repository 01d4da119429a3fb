export { type OpenedCapture, openCapture } from './open/open-capture.ts';
export { defaultOpenLimits, type OpenLimits } from './open/open-limits.ts';
