import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Media, Problem } from '@tintype/protocol'
import { parseConfig } from '../../packages/server/src/config.ts'
import { serve } from '../../packages/server/src/serve.ts'
import { siteDoor } from './door.ts'

export interface TestServer {
  url: string
  port: number
  /** By this machine's own name, whatever `PUBLIC_URL` says. */
  local: string
  /** Every line that was logged. */
  log: string[]
  directory: string
  stop(): Promise<void>
}

/** The ready server in this process, on a free port, with its data in a folder that goes when it stops. */
export async function startServer(env: Record<string, string> = {}): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-test-'))
  const log: string[] = []
  // Without variants that are made in the background, so that tests know what is in the bucket, and who takes memory.
  // What is deleted goes at once.
  const usual = { PORT: '0', TINTYPE_DATA: directory, VARIANTS: 'thumb:320', UNDO_WINDOW: '0' }
  const config = parseConfig({ ...usual, ...env })
  const server = await serve(config, (line) => log.push(line), { door: siteDoor() })
  return {
    url: server.url,
    port: server.port,
    local: `http://127.0.0.1:${server.port}`,
    log,
    directory,
    async stop() {
      await server.stop()
      await rm(directory, { recursive: true })
    },
  }
}

export interface SentFile {
  bytes: Uint8Array
  name?: string
  type?: string
  field?: string
}

/** Sends a form as a browser would. */
export async function upload(
  url: string,
  files: SentFile | SentFile[],
  { caption, headers = {}, path = '/api/media', method = 'POST' }: UploadOptions = {},
): Promise<Response> {
  const form = new FormData()
  for (const { bytes, name = 'photo.jpg', type = 'image/jpeg', field = 'file' } of [files].flat()) {
    form.append(field, new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), name)
  }
  if (caption !== undefined) form.append('caption', caption)
  return fetch(url + path, { method, body: form, headers })
}

export interface UploadOptions {
  caption?: string
  headers?: Record<string, string>
  path?: string
  method?: string
}

/** The first media of a 201 answer. */
export async function mediaOf(response: Response): Promise<Media> {
  const { media } = (await response.json()) as { media: Media[] }
  return media[0] as Media
}

export async function problemOf(response: Response): Promise<Problem> {
  return (await response.json()) as Problem
}
