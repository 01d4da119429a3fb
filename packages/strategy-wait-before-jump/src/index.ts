export { default, type WaitBeforeJumpOptions, waitBeforeJump } from './wait-before-jump.ts';
