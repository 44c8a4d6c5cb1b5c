import { connect, type Socket } from 'node:net'
import { until } from './until.ts'

/** One answer of a server, byte for byte as it came but for its body's framing. */
export interface RawAnswer {
  status: number
  headers: Map<string, string>
  body: string
}

export interface RawConnection {
  socket: Socket
  /** The next answer, interim ones included. Rejects where the connection ends before it. */
  next(): Promise<RawAnswer>
}

/** A connection on which a test writes requests itself, and reads every answer, interim ones too. */
export function openRaw(url: string): RawConnection {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let received = Buffer.alloc(0)
  let isOver = false
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isOver = true
  })

  function parse(): RawAnswer | undefined {
    const end = received.indexOf('\r\n\r\n')
    if (end === -1) return undefined
    const [first = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
      }),
    )
    const status = Number(first.split(' ')[1])
    const length = status < 200 || status === 204 ? 0 : Number(headers.get('content-length') ?? 0)
    const from = end + 4
    if (received.length < from + length) return undefined
    const body = received.subarray(from, from + length).toString()
    received = received.subarray(from + length)
    return { status, headers, body }
  }

  return {
    socket,
    async next() {
      let answer: RawAnswer | undefined
      await until(() => {
        answer ??= parse()
        return answer !== undefined || isOver
      })
      if (!answer) throw new Error('The connection has ended without an answer.')
      return answer
    },
  }
}
