import type { UploadItem } from '../upload-item.ts'
import { make, say } from './base.ts'
import { createGlide } from './glide.ts'
import type { Actions, View, Words } from './list-view.ts'
import { createItemRow, createMessageRow, type Message } from './row.ts'

/** 500 rows would be too many to read, and be drawn again with each progress event. */
const mostRows = 50
/** More files than these that failed for the same reason are one row. */
const mostAlike = 3

interface Shown {
  element: HTMLElement
  show(what: UploadItem | Message, words: Words): void
  end?(): void
  what?: UploadItem | Message | undefined
}

/** The rows, each of which stays as long as its key is there. */
export function createRows(host: HTMLElement, actions: Actions) {
  const list = make('ul', { part: 'list' })
  const rest = make('p', { class: 'soft', part: 'more' })
  const element = make('div', { id: 'rows' }, list, rest)
  const rows = new Map<unknown, Shown>()

  return {
    element,
    list,
    glide: createGlide(host, list),
    /** The texts have changed. */
    forget() {
      for (const row of rows.values()) row.what = undefined
    },
    /** @returns whether rows have come or gone */
    show(view: View): boolean {
      const { busy, paused, done, texts, uploads } = view
      const others = [...busy, ...paused, ...done]
      const wanted = new Map<unknown, UploadItem | Message>([
        ...messagesOf(view, actions),
        ...others.slice(0, mostRows).map(keyed),
      ])
      let hasChanged = false
      for (const [key, row] of rows) {
        if (wanted.has(key)) continue
        hasChanged = true
        row.end?.()
        row.element.remove()
        rows.delete(key)
      }
      let at = 0
      for (const [key, what] of wanted) {
        const row: Shown =
          rows.get(key) ?? ('id' in what ? createItemRow(uploads, actions.note) : createMessageRow())
        rows.set(key, row)
        const isMoving = 'id' in what && what.waiting
        if (row.what !== what || isMoving) row.show(what, view)
        row.what = what
        const there = list.children[at++] ?? null
        if (there === row.element) continue
        list.insertBefore(row.element, there)
        hasChanged = true
      }
      const more = others.length - mostRows
      say(rest, more > 0 ? texts.moreFiles(more) : '')
      list.setAttribute('aria-label', texts.list)
      return hasChanged
    },
  }
}

const keyed = (item: UploadItem) => [item.id, item] as const

/** What has failed, was left out or is looked at. */
function* messagesOf(
  { groups, notes, looking, texts }: View,
  { remove, dismiss }: Actions,
): Generator<readonly [key: unknown, what: UploadItem | Message]> {
  for (const [reason, items] of groups) {
    if (items.length <= mostAlike) {
      yield* items.map(keyed)
      continue
    }
    const name = texts.files(items.length)
    yield [
      `alike ${reason}`,
      {
        ...{ state: 'failed', name, text: reason, more: items.map((item) => item.name).join(', ') },
        end: () => remove(items),
      },
    ]
  }
  for (const note of notes) {
    const { about: name, text, action } = note
    yield [note, { state: 'left-out', name, text, action, end: () => dismiss([note]) }]
  }
  if (!looking) return
  const [name, text] = [texts.files(looking.count), texts.beingLookedAt]
  yield ['looking', { state: 'looking', name, text, end: () => looking.cancel() }]
}
