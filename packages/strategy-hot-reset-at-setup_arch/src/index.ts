export { default, type HotResetOptions, hotResetAtSetupArch } from './hot-reset-at-setup-arch.ts';
