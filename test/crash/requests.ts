import type { Journal } from './journal.ts'

/** Requests as a client of the crash tests sees them: what has no answer, or a 5xx, is unknown. */
export function createRequests(journal: Journal) {
  const { figures, violations } = journal

  /** The answer, or undefined when the outcome is unknown. */
  async function send(url: string, init: RequestInit = {}): Promise<Response | undefined> {
    try {
      const response = await fetch(url, { redirect: 'manual', ...init })
      if (response.status < 500) return response
      journal.lastUnknown = `${response.status} ${await response.text()}`
      if (response.status === 500) violations.push(`500 from ${init.method} ${url}: ${journal.lastUnknown}`)
    } catch (error) {
      // Cut: unknown too.
      journal.lastUnknown = String(error)
    }
    figures.unknown += 1
    return undefined
  }

  /** The body, or undefined when the connection is cut in the middle of it. */
  const json = async <T>(response: Response) =>
    (await response.json().catch(() => undefined)) as T | undefined

  const unexpected = async (what: string, response: Response) =>
    void violations.push(`${what}: ${response.status} ${await response.text().catch(() => '')}`)

  return { send, json, unexpected }
}
