export { default, type HostBridgeResetOptions, hostBridgeReset } from './host-bridge-reset.ts';
