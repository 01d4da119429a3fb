/** MiB of JavaScript heap that one worker may have; a run needs a small part of it. */
export const HEAP_MIB = 1024;

/** Bytes of memory in all: buffers do not count as heap. */
export const RESIDENT_BYTES: number = 2 * 1024 * 1024 * 1024;
