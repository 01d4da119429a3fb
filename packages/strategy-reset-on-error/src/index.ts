export { default, type ResetOnErrorOptions, resetOnError } from './reset-on-error.ts';
