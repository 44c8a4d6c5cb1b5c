/** What the sink has been asked until now. */
export interface Counted {
  requests: number
  /** Bytes in bodies of requests, and of answers to them. */
  sent: number
  read: number
}

/** No bucket of that name is measured. */
export const countedPath = '/-/counted'
