export { type ClearMsiEarlyOptions, clearMsiEarly, default } from './clear-msi-early.ts';
