import type { IncomingMessage } from 'node:http'

declare global {
  namespace Express {
    /** Filled in by the types of Express, and of its middleware: sessions, users. */
    interface Request {}
  }
}

/** Node's request with what Express and its middleware have added. */
export type RequestOfApp = IncomingMessage & Express.Request
