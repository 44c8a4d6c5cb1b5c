import { type Finding, failed, ok, skipped, warned } from 'tintype/internal/bucket/finding'
import { s3Trouble } from 'tintype/internal/bucket/remedy'
import { NothingWorks } from './needed.ts'

/** S3 refuses signatures that are 15 minutes off; long before, presigned URLs live shorter or longer than they should. */
const worrying = 60
const refused = 15 * 60

/**
 * Whether the service answers at all, and what time it is there.
 * @throws {NothingWorks} when it does not answer
 */
export async function clockIsRight(url: string, now: () => number): Promise<Finding> {
  const what = 'the clock is right'
  const before = now()
  let date: string | null
  try {
    const answer = await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    })
    date = answer.headers.get('date')
  } catch (error) {
    const { detail, remedy } = s3Trouble(error)
    throw new NothingWorks(failed(`${new URL(url).origin} answers`, detail, remedy))
  }
  if (date === null) return skipped(what, 'the service tells no time')
  // The header has whole seconds: half of one is the best guess.
  const seconds = Math.round(((before + now()) / 2 - Date.parse(date) - 500) / 1000)
  const detail = `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} the service`
  if (Math.abs(seconds) <= worrying) return ok(what, detail)
  const remedy = 'Set it: `timedatectl set-ntp true`.'
  return (Math.abs(seconds) < refused ? warned : failed)(what, detail, remedy)
}
