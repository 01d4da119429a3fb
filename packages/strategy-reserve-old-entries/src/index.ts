export { default, type ReserveOptions, reserveOldEntries } from './reserve-old-entries.ts';
