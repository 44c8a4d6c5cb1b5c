/**
 * More segments, chunks or boxes than any real picture has. Millions of empty ones fit into 32 MB, and walking them
 * would block the event loop for half a second.
 */
export const maxParts = 100_000

/** Thrown by parsers at bytes that contradict their format. Each of their callers catches it. */
export class Damaged extends Error {}
