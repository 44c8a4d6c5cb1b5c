import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type express from 'express'
import { createTintype, type Tintype } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'

/** A Tintype for an app's own routes, with two files to send there. */
export interface RouteApp {
  tintype: Tintype
  directory: string
  picture: Buffer
  jpeg: File
  png: File
  stop(): Promise<void>
}

/** Everybody is "me", but for those who send `X-Nobody`. */
export async function startRouteApp(): Promise<RouteApp> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-test-'))
  const tintype = await createTintype({
    variants: { thumb: { width: 320 } },
    directory,
    authenticate: ownerOf,
    log: { info() {}, warn() {}, error() {} },
  })
  const picture = await photo()
  return {
    tintype,
    directory,
    picture,
    jpeg: new File([new Uint8Array(picture)], 'a.jpg'),
    png: new File([new Uint8Array(await photo({ type: 'image/png' }))], 'a.png'),
    async stop() {
      await tintype.close()
      await rm(directory, { recursive: true })
    },
  }
}

export function ownerOf({ headers }: { headers: object }): string | null {
  return 'x-nobody' in headers ? null : 'me'
}

export type Parts = [name: string, value: string | File][]

export function formOf(parts: Parts): FormData {
  const form = new FormData()
  for (const [name, value] of parts) form.append(name, value)
  return form
}

export async function listen(app: express.Express): Promise<{ server: Server; url: string }> {
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
