import type { AddedFile } from '../added-file.ts'
import type { UploadItem } from '../upload-item.ts'
import type { Uploads } from '../uploads-interface.ts'
import { make, say } from './base.ts'
import { button, icon, iconButton } from './buttons.ts'
import type { TintypeDrop } from './drop.ts'
import type { LeftOut } from './left-out.ts'
import type { Words } from './list-view.ts'
import { describe } from './list-words.ts'
import { createPreview } from './preview.ts'

/** A row of the list, which is drawn anew as what it shows changes. */
export interface Row<What> {
  element: HTMLLIElement
  show(what: What, words: Words): void
  end?(): void
}

/** What has a row without being in the queue: files that are told of together, notes. */
export interface Message {
  state: string
  name: string
  text: string
  /** Below it, and smaller. */
  more?: string
  action?: { label: string; run(): void } | undefined
  /** What the button that takes it away does. */
  end(): void
}

/** What all rows have. */
function createRow() {
  const name = make('bdi', {})
  const title = make('p', { part: 'name' }, name)
  const state = make('p', { part: 'state' })
  const text = make('div', { class: 'text' }, title, state)
  const close = iconButton('quiet')
  const element = make('li', { part: 'row' }, text, close.element)
  const show = (of: string, called: string, said: string) => {
    element.dataset.state = of
    title.title = called
    say(name, called)
    say(state, said)
  }
  return { element, text, state, close, show }
}

export function createMessageRow(): Row<Message> {
  const { element, text, close, show } = createRow()
  const more = make('p', { class: 'soft' })
  const act = button('quiet action')
  text.append(more, act)
  return {
    element,
    show({ state, name, text: said, more: rest = '', action, end }, { texts }) {
      show(state, name, said)
      say(more, rest)
      act.hidden = !action
      say(act, action?.label ?? '')
      act.onclick = () => {
        end()
        action?.run()
      }
      close.show('close', (state === 'looking' ? texts.cancel : texts.dismiss)(name), end)
    },
  }
}

/** One file: how far it is, or why it failed, and what can be done. @param note tells what was left out */
export function createItemRow(
  uploads: Uploads | undefined,
  note: (about: string, text: string) => void,
): Row<UploadItem> {
  const { element, text, state, close, show } = createRow()
  const preview = createPreview()
  const bar = make('progress', { part: 'bar' })
  const act = iconButton('')
  text.before(preview.element)
  state.before(bar)
  close.element.before(act.element)
  let again: TintypeDrop | undefined
  let shown: UploadItem
  let texts: Words['texts']

  /** Another file than the one that was asked for is taken, too, and that is said. */
  const takeAgain = (files: readonly AddedFile[]) => {
    for (const one of files) {
      const { name, size } = 'file' in one ? one.file : (one as File)
      if (name !== shown.name && size !== shown.size) note(name, texts.anotherFile(shown.name))
    }
    uploads?.add(files)
  }
  const makeAgain = () => {
    const drop = make('tintype-drop', { single: '' }, make('span', { slot: 'button' }, icon('file')))
    drop.uploads = null
    const on = <Detail>(name: string, run: (detail: Detail) => void) =>
      drop.addEventListener(name, (event) => {
        event.preventDefault()
        event.stopPropagation()
        run((event as CustomEvent<Detail>).detail)
      })
    on('files', takeAgain)
    on('leftout', ({ name, message }: LeftOut) => note(name, message))
    close.element.before(drop)
    return drop
  }

  return {
    element,
    show(item, words) {
      texts = words.texts
      shown = item
      const { id, name, size, sent, state: now, error } = item
      const isOver = now === 'failed' || now === 'done'
      show(now, name, describe(item, words))
      preview.show(item.file)
      bar.hidden = isOver
      bar.max = size
      bar.value = sent
      bar.setAttribute('aria-label', name)

      const canRetry = now === 'failed' && (error?.retryable || error?.code === 'quota_exceeded')
      const canPause = now === 'queued' || (now === 'uploading' && item.canPause)
      const canResume = now === 'paused' && !item.needsFile
      const what = canRetry ? 'retry' : canPause ? 'pause' : canResume && 'resume'
      act.element.hidden = !what
      if (what) act.show(what, texts[what](name), () => uploads?.[what](id))

      const needsFile = item.needsFile || error?.code === 'file_unreadable'
      if (needsFile) {
        again ??= makeAgain()
        again.title = texts.chooseAgain(name)
        if (again.texts.choose !== again.title) again.texts = { ...texts, choose: again.title }
      }
      if (again) again.hidden = !needsFile
      close.show('close', (isOver ? texts.dismiss : texts.cancel)(name), () => uploads?.remove(id))
    },
    end: preview.end,
  }
}
