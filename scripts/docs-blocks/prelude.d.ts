// Names that blocks of code in the documentation use without saying where they come from: those of an app, and of a page.
import type { Uploads } from '@tintype/client'
import type { Library } from '@tintype/client/library'
import type { Express as App } from 'express'
import type { Pool, PoolClient } from 'pg'
import type { Media as OfTintype, Tintype } from 'tintype'

declare global {
  namespace Express {
    interface Request {
      /** Put there by the app's sign-in. */
      user: { id: string }
    }
  }

  const createTintype: typeof import('tintype').createTintype
  const refuse: typeof import('tintype').refuse
  const authenticate: (request: unknown) => string | null
  const tintype: Tintype
  const app: App
  type Media = OfTintype
  const media: Media
  const id: string
  const owner: string
  const user: { id: string }
  function userIdOf(request: unknown): string | null
  const pool: Pool
  function transaction(work: (trx: PoolClient) => Promise<void>): Promise<void>

  const createUploads: typeof import('@tintype/client').createUploads
  const upload: typeof import('@tintype/client').upload
  const file: File
  const files: File[]
  const input: HTMLInputElement
  const uploads: Uploads
  const library: Library
}
