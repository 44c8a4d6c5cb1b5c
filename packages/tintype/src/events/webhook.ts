import { Webhook } from 'standardwebhooks'
import type { Clock } from '../clock.ts'
import type { EventHandler } from './delivery.ts'
import { DeliveryError } from './delivery-error.ts'

/** Milliseconds: what asks for longer is asked all the same. */
const longestRetryAfter = 3_600_000
/** Bytes of an answer that are read so that the connection can be used again, and milliseconds that this may take. */
const readAway = 65_536
const readAwayFor = 1000

/**
 * Sends events by POST, signed as Standard Webhooks has it, by each of the secrets: while they are exchanged, a receiver
 * that knows one of them can verify. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * 2xx is delivered; redirects are not followed, since the secret is meant for this address.
 */
export function createWebhook({
  url,
  secrets,
  clock,
}: {
  url: string
  secrets: readonly string[]
  clock: Clock
}): EventHandler {
  const signers = secrets.map((secret) => new Webhook(secret))

  return async (event, { signal }) => {
    // `timestamp` is what Standard Webhooks calls createdAt.
    const body = JSON.stringify({ ...event, timestamp: event.createdAt })
    const sentAt = new Date(clock.now())
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal,
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Tintype',
        'webhook-id': event.id,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
        'webhook-signature': signers.map((one) => one.sign(event.id, sentAt, body)).join(' '),
      },
    }).catch((error: unknown) => {
      throw new DeliveryError(reasonOf(error))
    })
    // The status has said it: a receiver that never ends its answer has the event all the same.
    void readRest(response.body, clock)
    const { status } = response
    if (response.ok) return
    throw new DeliveryError(`The webhook answered ${status}.`, {
      gone: status === 410,
      retryAfter: status === 429 || status === 503 ? retryAfter(response.headers, clock.now()) : undefined,
    })
  }
}

/** `fetch` says but "fetch failed", and hides the reason in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } }
  return cause?.message || cause?.code || message || String(error)
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date. */
function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestRetryAfter)
}

/** Never throws. */
async function readRest(body: ReadableStream<Uint8Array> | null, clock: Clock): Promise<void> {
  const reader = body?.getReader()
  if (!reader) return
  const giveUp = () => void reader.cancel().catch(() => {})
  const cancelTimer = clock.after(readAwayFor, giveUp)
  try {
    let bytes = 0
    while (bytes <= readAway) {
      const { done, value } = await reader.read()
      if (done) return
      bytes += value.length
    }
    giveUp()
  } catch {
    // It broke off.
  } finally {
    cancelTimer()
  }
}
