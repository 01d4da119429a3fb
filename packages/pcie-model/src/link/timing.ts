import { millisecond, type Nanoseconds } from '@quiesce/simulation';

/** Least time for which Secondary Bus Reset must be set (Trst, PCIe 6.6.1 and 7.5.1.3.13). */
export const SHORTEST_RESET: Nanoseconds = millisecond;
/** After the end of a conventional reset, no configuration request may be sent for this long (PCIe 6.6.1). */
export const RESET_HOLD_OFF: Nanoseconds = 100 * millisecond;
/** A function level reset may take this long (PCIe 6.6.2). */
export const FUNCTION_LEVEL_RESET_TIME: Nanoseconds = 100 * millisecond;
/** After leaving D3hot, no request may be sent for this long (PCIe 5.9). */
export const D3HOT_RECOVERY: Nanoseconds = 10 * millisecond;
/** A link that comes out of a reset enters Detect within this time and is active soon after (PCIe 6.6.1). */
export const LINK_UP_TIME: Nanoseconds = 20 * millisecond;
