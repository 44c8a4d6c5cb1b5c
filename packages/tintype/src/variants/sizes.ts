/** Pixels of the longer side of a thumb. */
export const thumbSize = 320
/** Pixels of the longer side of a placeholder. */
export const placeholderSize = 16
