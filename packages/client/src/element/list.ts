import type { UploadItem } from '../upload-item.ts'
import type { Uploads } from '../uploads-interface.ts'
import { make, rootOf } from './base.ts'
import { createBatch } from './batch.ts'
import { keepFocus } from './list-focus.ts'
import { createHeader } from './list-header.ts'
import { createRows } from './list-rows.ts'
import { css } from './list-style.ts'
import type { Actions, Looking, Note, NoteAction, View } from './list-view.ts'
import { reasonOf } from './list-words.ts'
import { grouped, sort } from './sorted.ts'
import { type Texts, textsOf } from './texts.ts'

/** Milliseconds for which "60 files added" stays. */
const shownFor = 6000
/** Of the window, by area. */
const mostCovered = 1 / 3

type Counted = Omit<View, 'groups' | 'notes' | 'added' | 'isFolded'>

/** What is inside of `<tintype-uploads>`. */
export interface List {
  texts: Partial<Texts>
  /** Other texts. */
  say(texts: Partial<Texts>): void
  looking: Looking | undefined
  note(about: string, text: string, action?: NoteAction): void
  /** Shows this queue from now on. */
  follow(uploads: Uploads | undefined): void
  leave(): void
  /** Soon: once for all changes of a moment. */
  draw(): void
}

/** @param otherwise gets the focus when nothing is left that could have it */
export function createList(host: HTMLElement, otherwise: () => HTMLElement | null): List {
  const root = rootOf(host, css, false)
  const status = make('p', { class: 'hidden', role: 'status' })
  root.append(status)
  let batch = createBatch()
  let before = { busy: 0, looking: 0 }
  let hasBegun = false
  let uploads: Uploads | undefined
  let unsubscribe = () => {}
  let notes: readonly Note[] = []
  let untold: string[] = []
  /** Told before these: the last of a moment. */
  let progress = ''
  /** Undefined until it folds, by itself or by a press, and again once there is nothing to show. */
  let folded: boolean | undefined
  let isDue = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const note = (about: string, text: string, action?: NoteAction) => {
    notes = [...notes, { about, text, action }]
    untold.push(`${about}: ${text}`)
    list.draw()
  }
  const actions: Actions = {
    remove(items) {
      for (const { id } of items) uploads?.remove(id)
    },
    dismiss(some) {
      notes = notes.filter((note) => !some.includes(note))
      list.draw()
    },
    note,
    fold() {
      folded = !folded
      list.draw()
    },
  }
  const header = createHeader(actions)
  const rows = createRows(host, actions)
  const section = make(
    'section',
    { part: 'tray', 'aria-labelledby': 'summary' },
    header.element,
    rows.element,
  )

  /** What another queue has done is not told of this one. */
  const begin = () => {
    batch = createBatch()
    before = { ...before, busy: 0 }
    hasBegun = false
  }
  /** At once: a page may remove what is done before anything is drawn. */
  const count = (): Counted => {
    const { texts: usual, language } = textsOf(host)
    const texts = { ...usual, ...list.texts }
    const items = uploads?.items ?? []
    const looking = list.looking?.count ? list.looking : undefined
    const counts = batch.count(items, looking !== undefined)
    const counted = { ...sort(items), uploads, looking, batch: counts, texts, language }
    tell(counted)
    return counted
  }
  /** To screen readers: when uploads begin and how they ended, not every step in between. */
  const tell = ({ busy, failed, looking, batch, texts }: Counted) => {
    const now = { busy: busy.length, looking: looking?.count ?? 0 }
    const sayAloud = (text: string) => {
      progress = `${text.replace(/[\s.…]+$/, '')}.`
    }
    if (now.looking > before.looking) sayAloud(texts.lookingAt(now.looking))
    if (now.busy > before.busy) sayAloud(texts.uploading(now.busy))
    before = now
    if (now.busy > 0) hasBegun = true
    if (now.busy + now.looking > 0 || !hasBegun) return
    hasBegun = false
    sayAloud(texts.ended(batch.added, failed.length))
  }

  const draw = () => {
    isDue = false
    if (!host.isConnected) return
    const counted = count()
    const { busy, failed, done } = counted
    const added = counted.batch.added || done.length
    const groups = grouped(failed, (item) => reasonOf(item, counted))
    if (progress || untold.length > 0) status.textContent = `${progress} ${untold.join(' ')}`.trim()
    progress = ''
    untold = []
    const isFolded = folded === true
    let isOtherRows = false
    keepFocus(
      root,
      () => {
        const view = { ...counted, groups, notes, added, isFolded }
        isOtherRows = rows.show(view)
        const hasRows = rows.list.hasChildNodes()
        header.show(view, hasRows)
        const isShown = hasRows || added > 0
        rows.element.hidden = isFolded
        section.toggleAttribute('data-folded', isFolded)
        host.toggleAttribute('data-shown', isShown)
        if (isShown !== section.isConnected) isShown ? root.append(section) : section.remove()
        if (!isShown) folded = undefined
      },
      otherwise,
    )
    keepTime(busy, counted.batch.added > 0 && failed.length === 0)
    if (isOtherRows) rows.glide()
    // What has the focus in it is not folded away.
    if (folded !== undefined || root.activeElement || !host.hasAttribute('floating')) return
    const covered = section.offsetWidth * section.offsetHeight
    if (covered > window.innerWidth * window.innerHeight * mostCovered) actions.fold()
  }
  /** The seconds until the next try are counted down, and what was added is told for a while. */
  const keepTime = (busy: readonly UploadItem[], isFading: boolean) => {
    const time = isFading ? shownFor : busy.some(({ waiting }) => waiting) ? 1000 : 0
    const onTime = () => {
      timer = undefined
      if (isFading) batch.forget()
      draw()
    }
    if (time === 0) timer = void clearTimeout(timer)
    else timer ??= setTimeout(onTime, time)
  }

  const list: List = {
    texts: {},
    say(texts) {
      list.texts = texts
      rows.forget()
      list.draw()
    },
    looking: undefined,
    note,
    follow(queue) {
      unsubscribe()
      if (queue !== uploads) begin()
      uploads = queue
      const onChange = () => {
        count()
        list.draw()
      }
      unsubscribe = queue?.subscribe(onChange) ?? (() => {})
      list.draw()
    },
    leave() {
      unsubscribe()
      keepTime([], false)
    },
    draw() {
      if (!isDue) queueMicrotask(draw)
      isDue = true
    },
  }
  return list
}
