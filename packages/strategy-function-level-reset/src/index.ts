export { default, type FunctionLevelResetOptions, functionLevelReset } from './function-level-reset.ts';
