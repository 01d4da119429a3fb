export { default, type RootPortResetOptions, rootPortReset } from './root-port-reset.ts';
