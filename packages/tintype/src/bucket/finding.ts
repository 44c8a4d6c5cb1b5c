/** One thing that was tried, in one line. */
export interface Finding {
  verdict: 'ok' | 'failed' | 'warned' | 'skipped'
  /** What was tried, e.g. `put an object (s3:PutObject)`. */
  what: string
  /** What came of it, where `what` does not say it all. */
  detail?: string | undefined
  /** What to do, as a sentence; with every failure. */
  remedy?: string | undefined
}

export function ok(what: string, detail?: string): Finding {
  return { verdict: 'ok', what, detail }
}

export function failed(what: string, detail: string, remedy: string): Finding {
  return { verdict: 'failed', what, detail, remedy }
}

/** Not as it should be, but nothing that the app needs is missing. */
export function warned(what: string, detail: string, remedy: string): Finding {
  return { verdict: 'warned', what, detail, remedy }
}

export function skipped(what: string, why: string): Finding {
  return { verdict: 'skipped', what, detail: why }
}
