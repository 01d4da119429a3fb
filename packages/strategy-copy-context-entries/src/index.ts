export { type CopyContextOptions, copyContextEntries, default } from './copy-context-entries.ts';
