import { connect } from 'node:net'
import { addAbortSignal, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

/**
 * Streams a file to ClamAV's daemon by its command INSTREAM: each chunk comes after its length in four bytes, and a length
 * of zero ends the file. https://docs.clamav.net/manual/Usage/Scanning.html#clamd
 *
 * @param daemon path of its socket, or `host:port`
 * @returns what was found; undefined for nothing
 * @throws for any other answer, or none: only a daemon that says OK has seen the whole file
 */
export async function scanByClamd(
  daemon: string,
  file: Readable,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [host = '', port] = daemon.split(':')
  const socket = port === undefined ? connect(daemon) : connect(Number(port), host)
  addAbortSignal(signal, socket)
  async function* command() {
    yield 'zINSTREAM\0'
    for await (const chunk of file as AsyncIterable<Buffer>) {
      yield lengthOf(chunk.length)
      yield chunk
    }
    yield lengthOf(0)
  }
  const [answer] = await Promise.all([text(socket), pipeline(command, socket, { end: false })])
  const said = answer.replace(/\0$/, '')
  if (said === 'stream: OK') return undefined
  const [, found] = /^stream: (.+) FOUND$/.exec(said) ?? []
  if (found === undefined) throw new Error(`clamd says: ${said}`)
  return found
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes)
  return length
}
