export { default, xenDisconnectOnCrash } from './xen-disconnect-on-crash.ts';
