import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What every example exports. */
export interface App {
  server: Server
  close(): Promise<void>
}

export interface RunningExample {
  port: number
  url: string
  stop(): Promise<void>
}

/**
 * Runs an example as it stands, in this process, on a free port and in an empty folder. One for each process, since the
 * folder is the process's own.
 */
export async function startExample(load: () => Promise<App>): Promise<RunningExample> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-example-'))
  process.chdir(directory)
  process.env.PORT = '0'
  const { server, close } = await load()
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await close()
      process.chdir(tmpdir())
      await rm(directory, { recursive: true })
    },
  }
}

export interface PageForm {
  action: string
  /** The name of its input for files. */
  field: string
}

/** The form of a page that takes files. */
export function formOf(html: string): PageForm {
  const [, action, inside = ''] =
    /<form method="post" action="([^"]+)" enctype="multipart\/form-data">(.*?)<\/form>/s.exec(html) ?? []
  const [, field] = /<input name="([^"]+)" type="file"/.exec(inside) ?? []
  if (!action || !field) throw new Error(`There is no form for files: ${html}`)
  return { action, field }
}

/** Sends a photo by it, as a browser without JavaScript does. */
export function sendForm(
  url: string,
  { action, field }: PageForm,
  photo: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = new FormData()
  body.append(field, new File([new Uint8Array(photo)], 'beach.jpg', { type: 'image/jpeg' }))
  const browser = { Accept: 'text/html', Referer: `${url}/`, 'Sec-Fetch-Site': 'same-origin' }
  return fetch(url + action, {
    method: 'POST',
    body,
    headers: { ...headers, ...browser },
    redirect: 'manual',
  })
}
