export { default, type InitcallResetOptions, initcallReset } from './initcall-reset.ts';
