import { knownTypes } from '@tintype/protocol'
import type { AddedFile } from '../added-file.ts'
import { isSupported } from '../supported.ts'
import type { Uploads } from '../uploads-interface.ts'
import { make, rootOf } from './base.ts'
import { chooseFiles, openPlain } from './choose-files.ts'
import { takeDrops } from './drags.ts'
import { css, makeParts } from './drop-parts.ts'
import './drop-texts.ts'
import { droppedFiles } from './dropped-files.ts'
import type { LeftOut, Omission } from './left-out.ts'
import { pastedFiles } from './pasted-files.ts'
import { type Texts, textsOf } from './texts.ts'

/** What is inside of a drop: it takes files in each way that there is, and hands them to the queue. */
export interface Field {
  /** Other ones than the language's. */
  texts: Partial<Texts>
  /** Says it in the texts of now. */
  say(): void
  /** Takes files as the attributes say now. */
  listen(): void
  leave(): void
  choose(): void
}

/** For this element, whose shadow tree is made when it is first shown. */
export function createField(host: HTMLElement & { readonly uploads: Uploads }): Field {
  const { input, words, hint, zone, over, overlay, tooOld } = makeParts()
  let listening = new AbortController()
  const texts = (): Texts => ({ ...textsOf(host).texts, ...field.texts })

  /** @returns whether nobody has cancelled it */
  const tell = (name: string, detail: unknown) =>
    host.dispatchEvent(new CustomEvent(name, { detail, cancelable: true, bubbles: true, composed: true }))
  const forgetNotes = () => {
    for (const note of zone.querySelectorAll('.note')) note.remove()
  }
  const leaveOut = (what: Omission) => {
    const { choose, dropped, leftOut } = texts()
    const name = what.name ?? (what.reason === 'no_dialog' ? choose : dropped)
    const message = leftOut(what)
    if (!tell('leftout', { ...what, name, message } satisfies LeftOut)) return
    zone.append(
      make(
        'p',
        { class: 'note', part: 'note', role: 'alert' },
        make('b', { dir: 'auto' }, name),
        ` ${message}`,
      ),
    )
  }
  const take = (all: AddedFile[]) => {
    const files = input.multiple ? all : all.slice(0, 1)
    const others = all.slice(files.length)
    if (others.length > 0) leaveOut({ reason: 'more_than_one', files: others.map(nameOf) })
    if (files.length > 0 && tell('files', files)) host.uploads.add(files)
  }

  input.onchange = () => {
    take([...(input.files ?? [])])
    // Choosing the same file again has to be a change again.
    input.value = ''
  }
  // Chromium's dialog that gives handles: its files can be read again after a reload.
  input.onclick = async (event) => {
    forgetNotes()
    const accept = host.getAttribute('accept')
    const chosen = chooseFiles({ multiple: input.multiple, accept, description: texts().media })
    if (!chosen) return
    event.preventDefault()
    const files = await chosen
    if (files) take(files)
    else if (!(await openPlain(input))) leaveOut({ reason: 'no_dialog', files: [] })
  }
  const onDrop = (transfer: DataTransfer) => {
    forgetNotes()
    droppedFiles(transfer, leaveOut).then(take, () => leaveOut({ reason: 'unreadable', files: [] }))
  }
  const onPaste = (event: ClipboardEvent) => {
    const files = pastedFiles(event)
    if (files.length > 0) forgetNotes()
    take(files)
  }

  for (const part of [zone, overlay]) part.addEventListener('slotchange', () => field.say())

  const field: Field = {
    texts: {},
    say() {
      const { choose, orDrop, dropHere, tooOld: sorry } = texts()
      input.setAttribute('aria-label', choose)
      // What the page has of its own is not there twice, for those who look for words.
      const inPlaceOf = (slot: HTMLSlotElement, text: string) => {
        const said = host.querySelector(`:scope > [slot=${slot.name}]`) ? '' : text
        // To say it is a change of the slot, too.
        if (slot.textContent !== said) slot.textContent = said
      }
      inPlaceOf(words, choose)
      inPlaceOf(over, dropHere)
      hint.textContent = orDrop
      tooOld.textContent = sorry
      if (!host.shadowRoot) rootOf(host, css).append(isSupported() ? zone : tooOld)
    },
    listen() {
      input.accept = host.getAttribute('accept') ?? knownTypes.join()
      input.multiple = !host.hasAttribute('single')
      listening.abort()
      if (!isSupported()) return
      listening = new AbortController()
      const { signal } = listening
      const isWhole = host.hasAttribute('whole-page')
      const onOver = (isOver: boolean) => {
        zone.toggleAttribute('data-over', isOver)
        overlay.toggleAttribute('data-over', isOver)
        if (overlay.isConnected) overlay.togglePopover?.(isOver)
      }
      if (isWhole) zone.after(overlay)
      else overlay.remove()
      takeDrops(isWhole ? window : zone, { onOver, onDrop }, signal)
      if (host.hasAttribute('paste')) document.addEventListener('paste', onPaste, { signal })
    },
    leave: () => listening.abort(),
    choose: () => input.click(),
  }
  return field
}

const nameOf = (added: AddedFile) => ('file' in added ? added.file.name : added.name)
