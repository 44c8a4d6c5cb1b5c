import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import { openRaw, type RawAnswer } from '../support/raw-http.ts'

const version = 'Upload-Draft-Interop-Version: 8'

/**
 * Sends a file with the requests of a URLSession upload task of iOS 26, which names interop version 8 of the IETF draft: all of it in
 * one POST; where that breaks off, HEAD at the address that a 104 has told, and a PATCH with all that is missing.
 *
 * @returns the last answer
 */
export async function sendAsIos(file: string, api: string): Promise<RawAnswer> {
  const { size } = statSync(file)
  const { host, pathname } = new URL(api)
  let path: string | undefined

  async function ask(method: string, target: string, fields: string[], from = size): Promise<RawAnswer> {
    const { socket, next } = openRaw(api)
    const about = [
      `Host: ${host}`,
      version,
      'User-Agent: Photos/1 CFNetwork/3860.100.1 Darwin/25.0.0',
      ...fields,
    ]
    socket.write(`${method} ${target} HTTP/1.1\r\n${about.join('\r\n')}\r\n\r\n`)
    if (from < size) pipeline(createReadStream(file, { start: from }), socket, { end: false }).catch(() => {})
    try {
      for (;;) {
        const answer = await next()
        if (answer.status >= 200) return answer
        const location = answer.headers.get('location')
        if (answer.status === 104 && location !== undefined) path = new URL(location).pathname
      }
    } finally {
      socket.destroy()
    }
  }

  async function send(): Promise<RawAnswer> {
    if (path === undefined) {
      const name = `Content-Disposition: inline; filename="${basename(file)}"`
      const lengths = ['Upload-Complete: ?1', `Upload-Length: ${size}`, `Content-Length: ${size}`]
      return ask('POST', `${pathname}/media`, ['Content-Type: video/mp4', name, ...lengths], 0)
    }
    const head = await ask('HEAD', path, [])
    if (head.status !== 204 || head.headers.get('upload-complete') === '?1') return head
    const offset = Number(head.headers.get('upload-offset'))
    const type = 'Content-Type: application/partial-upload'
    const about = ['Upload-Complete: ?1', `Upload-Offset: ${offset}`, `Content-Length: ${size - offset}`]
    return ask('PATCH', path, [type, ...about], offset)
  }

  for (;;) {
    const answer = await send().catch(() => undefined)
    if (answer && answer.status < 500 && answer.status !== 423) return answer
    await setTimeout(500)
  }
}
