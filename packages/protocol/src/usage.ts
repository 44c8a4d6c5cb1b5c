/** Below the mount point. Apart from `routes`, all of which each uploading page loads. */
export const usageRoute = '/usage'

/** Answer of `GET /usage`: what the owner has, and may have. */
export interface Usage {
  /** Of all originals together. */
  bytes: number
  /** Photos and videos. */
  media: number
  /** Direct uploads in progress. */
  sessions: number
  /** Announced by them, and kept free until they have ended. */
  sessionBytes: number
  /** What has no limit is left out. */
  limits: { bytes?: number; media?: number; sessions?: number }
  /** Seconds for which what is removed can be had again; left out where it is gone at once. */
  undo?: number
}
