/**
 * One direction of a link: so many bytes a second for all flows together, then a constant delay. Flows take turns,
 * piece by piece, as behind a router with fair queues. No packet is lost and no sender begins slowly: what TCP
 * makes of a young or a lossy connection is not in it.
 */
export interface Line {
  open(options: FlowOptions): Flow
}

export interface FlowOptions {
  /** No piece leaves before this time, by the line's clock. */
  from: number
  /** A piece has arrived. Calls back when it is out of the way: until then it counts against the window. */
  deliver(piece: Buffer, done: () => void): void
  /** The end has arrived, behind all pieces. */
  finish(): void
  /** A piece of so many bytes has had the line. */
  carried(bytes: number): void
  /** There is room again after `push` had said no. */
  roomy(): void
}

export interface Flow {
  /** @returns whether there is room for more */
  push(chunk: Buffer): boolean
  end(): void
  /** What is queued or on its way never arrives. */
  drop(): void
}

export interface LineOptions {
  /** Bytes a second. */
  rate: number
  /** Milliseconds. */
  delay: number
  /** Milliseconds. */
  now?: () => number
}

/** So much of a flow is sent before it is the next one's turn. */
const quantum = 16 * 1024
/** So much of a flow may wait for the line: 40 ms of 100 Mbit/s. */
const queueLimit = 512 * 1024
/** So much of a flow may be on its way or lie with a slow receiver: three times what the line holds. */
const receiveWindow = 1024 * 1024

interface State extends FlowOptions {
  queue: Buffer[]
  queued: number
  ended: boolean
  dropped: boolean
  /** Bytes between sender and receiver. */
  underWay: number
  /** Since when it could be sending, were it alone. */
  readyAt: number
}

export function createLine({ rate, delay, now = () => performance.now() }: LineOptions): Line {
  /** Flows that have something to send, in the order of their turns. */
  const waiting: State[] = []
  const arriving: { at: number; flow: State; piece: Buffer | undefined }[] = []
  /** When the last piece will have left. */
  let freeAt = 0
  let timer: NodeJS.Timeout | undefined

  function pump(): void {
    arrive()
    while (freeAt <= now()) {
      const index = waiting.findIndex((flow) => isOpen(flow) && flow.readyAt <= now())
      if (index < 0) break
      for (const flow of waiting.splice(index, 1)) transmit(flow)
    }
    arm()
  }

  /** Wakes up when something arrives, or when somebody may send. */
  function arm(): void {
    const sending = waiting.filter(isOpen).map(({ readyAt }) => Math.max(freeAt, readyAt))
    const next = Math.min(arriving[0]?.at ?? Infinity, ...sending)
    clearTimeout(timer)
    if (next < Infinity) timer = setTimeout(pump, Math.max(0, next - now()))
  }

  function transmit(flow: State): void {
    const piece = takePiece(flow)
    // Counted from when it could have left: a timer that is late costs the line nothing.
    freeAt = Math.max(freeAt, flow.readyAt) + ((piece?.length ?? 0) / rate) * 1000
    arriving.push({ at: freeAt + delay, flow, piece })
    if (!piece) return
    flow.underWay += piece.length
    flow.carried(piece.length)
    if (hasMore(flow)) waiting.push(flow)
    if (flow.queued < queueLimit) flow.roomy()
  }

  function arrive(): void {
    for (let first = arriving[0]; first && first.at <= now(); first = arriving[0]) {
      arriving.shift()
      const { flow, piece } = first
      if (flow.dropped) continue
      if (piece) flow.deliver(piece, () => taken(flow, piece.length))
      else flow.finish()
    }
  }

  function taken(flow: State, bytes: number): void {
    const open = isOpen(flow)
    flow.underWay -= bytes
    if (open || !isOpen(flow)) return
    flow.readyAt = Math.max(flow.readyAt, now())
    arm()
  }

  function offer(flow: State): void {
    if (!waiting.includes(flow)) {
      flow.readyAt = Math.max(flow.readyAt, now())
      waiting.push(flow)
    }
    arm()
  }

  return {
    open(options) {
      const idle = { queue: [], queued: 0, ended: false, dropped: false, underWay: 0 }
      const flow: State = { ...options, ...idle, readyAt: options.from }
      return {
        push(chunk) {
          if (flow.dropped) return true
          flow.queue.push(chunk)
          flow.queued += chunk.length
          offer(flow)
          return flow.queued < queueLimit
        },
        end() {
          if (flow.dropped || flow.ended) return
          flow.ended = true
          offer(flow)
        },
        drop() {
          flow.dropped = true
          const index = waiting.indexOf(flow)
          if (index >= 0) waiting.splice(index, 1)
        },
      }
    },
  }
}

const isOpen = (flow: State) => flow.underWay < receiveWindow
const hasMore = (flow: State) => flow.queued > 0 || flow.ended

/** The next piece; undefined stands for the end. */
function takePiece(flow: State): Buffer | undefined {
  const head = flow.queue[0]
  if (!head) return undefined
  const piece = head.subarray(0, quantum)
  if (piece.length === head.length) flow.queue.shift()
  else flow.queue[0] = head.subarray(quantum)
  flow.queued -= piece.length
  return piece
}
