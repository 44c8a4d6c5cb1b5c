import { systemClock } from 'tintype/internal/clock'
import { isId } from 'tintype/internal/ids'
import { holdReasonIn } from 'tintype/internal/media-undo'
import { openRecords, type Records } from 'tintype/internal/records/records'
import { anyOwner } from 'tintype/internal/records/schema'
import { databaseOf, loadConfig } from '../config.ts'
import { readArguments, UsageError } from './usage.ts'

const help = `Usage: tintype hold ID REASON
       tintype hold --release ID
       tintype hold --list [--json]

Legal hold: from now on nothing of this photo or video is deleted, its earlier versions included, whatever is removed or
replaced and however long ago that was, until it is released. Its owner sees it go as ever. What can still be restored can
be put on hold, too. The server may run meanwhile. docs/undo.md has all of it.

  --release  end it: what would have been deleted by now without it is deleted
  --list     what is on hold: id, since when, whether its owner still sees it, owner, name and reason
  --json     one JSON object a line

Exit code: 0 done, 1 there is nothing left of it, or never was, 2 wrong usage, 3 it could not be done.`

/** `tintype hold`. @returns the exit code */
export async function run(args: string[]): Promise<number> {
  const options = parse(args)
  if (options === 'help') {
    console.log(help)
    return 0
  }
  const records = await openRecords(databaseOf(loadConfig()))
  try {
    return await options(records)
  } finally {
    await records.close()
  }
}

type Work = (records: Records) => Promise<0 | 1>

const hold =
  (id: string, reason: string): Work =>
  async ({ undo }) => {
    const isHeld = await undo.hold(id, anyOwner, { reason, now: systemClock.now() })
    return said(isHeld, id, 'is on legal hold.')
  }

const release =
  (id: string): Work =>
  async ({ undo }) => {
    const isThere = await undo.releaseHold(id, anyOwner, systemClock.now())
    return said(isThere, id, 'is on legal hold no longer.')
  }

function said(isDone: boolean, id: string, what: string): 0 | 1 {
  if (isDone) console.log(`${id} ${what}`)
  else console.error(`tintype: There is no photo or video ${id}, or nothing is left of it.`)
  return isDone ? 0 : 1
}

const page = 200

const list =
  (json: boolean): Work =>
  async ({ versions }) => {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const held = await versions.held(after, page)
      for (const { heldAt, isVisible, ...one } of held) {
        const [since, state] = [new Date(heldAt).toISOString(), isVisible ? 'visible' : 'removed']
        const { id, owner, name, reason } = one
        console.log(
          json
            ? JSON.stringify({ id, owner, name, state, heldAt: since, reason })
            : [id, since, state, ...[owner, name, reason].map(onOneLine)].join('  '),
        )
      }
      after = held.length < page ? undefined : held.at(-1)?.id
    }
    return 0
  }

/** Names and reasons are people's: none of them writes lines of its own, or moves the cursor. */
const onOneLine = (text: string) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')

function parse(args: string[]): 'help' | Work {
  // An id may begin with a dash: it is no option.
  const at = args.findIndex(isId)
  const id = args[at]
  const { values, positionals } = optionsIn(at < 0 ? args : args.toSpliced(at, 1))
  if (values.help) return 'help'
  if (values.list && (values.release || id !== undefined || positionals.length > 0))
    throw new UsageError('--list stands alone, or with --json.')
  if (values.list) return list(values.json)
  if (values.json) throw new UsageError('--json goes with --list.')
  if (id === undefined) throw new UsageError('Say the id of a photo or video, of 22 characters; or --list.')
  const [reason, ...more] = positionals
  if (values.release && reason !== undefined) throw new UsageError('--release takes an id, and no reason.')
  if (values.release) return release(id)
  if (reason === undefined || more.length > 0)
    throw new UsageError(`Say why, in quotes: tintype hold ${id} "Case 2026-117, letter of 3 March".`)
  return hold(id, reasonIn(reason))
}

function reasonIn(reason: string): string {
  try {
    return holdReasonIn(reason)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function optionsIn(args: string[]) {
  return readArguments('hold', {
    args,
    allowPositionals: true,
    options: {
      release: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
}
