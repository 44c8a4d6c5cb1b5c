/** Seconds. */
export const defaultTimes = {
  /** An unfinished upload is swept after this time. */
  uploadDeadline: 900,
  /** A view URL is good for at most this time. */
  signRead: 3600,
  /** A URL to which a browser writes is good for this time. */
  signWrite: 900,
  /** A direct upload has to be complete within this time. */
  session: 86_400,
  /** Keys that may still be written to are deleted once more after this time; replaced bytes stay as long. */
  sweepGrace: 300,
  /** A sender that stalls is refused after this time. */
  stall: 30,
}
