export {
  default,
  type HotResetInFixupFinalOptions,
  hotResetInFixupFinal,
} from './hot-reset-in-fixup-final.ts';
