import { make, say } from './base.ts'
import { button, icon, iconButton } from './buttons.ts'
import type { Actions, View } from './list-view.ts'
import { paceOf, summaryOf, waitsFor } from './list-words.ts'

/** Above the rows: all of it in a line, a bar over all, and what can be done with all. */
export function createHeader(actions: Actions) {
  const title = make('h2', { id: 'summary', part: 'summary' })
  const details = make('div', { part: 'pace' })
  // One button, which keeps the focus when it is pressed.
  const together = button('quiet word together')
  const [retryAll, dismissAll, cancelAll] = [button('quiet word'), button('quiet word'), button('quiet word')]
  const words = [together, retryAll, dismissAll, cancelAll]
  const fold = iconButton('quiet fold')
  fold.element.setAttribute('aria-controls', 'rows')
  const all = make('progress', { part: 'bar', class: 'all', 'aria-labelledby': 'summary' })
  const element = make(
    'header',
    { part: 'header' },
    make('div', {}, title, details),
    ...words,
    fold.element,
    all,
  )

  return {
    element,
    /** @param hasRows there is something to fold */
    show(view: View, hasRows: boolean) {
      const { uploads, failed, busy, paused, batch, notes, looking, isFolded, texts } = view
      say(title, summaryOf(view))
      const lines = detailsOf(view)
      if (details.textContent !== lines.join(''))
        details.replaceChildren(...lines.map((line) => make('p', { class: 'soft' }, line)))

      const offer = (button: HTMLButtonElement, text: string, isOffered: boolean, run: () => void) => {
        say(button, text)
        button.hidden = !isOffered
        button.onclick = run
      }
      const canPause = busy.filter((item) => item.state !== 'checking' && item.canPause).length > 1
      const canResume = paused.filter(({ needsFile }) => !needsFile).length > 1
      const what = canPause ? 'pause' : 'resume'
      const name = texts[`${what}All`]
      if (together.textContent !== name) together.replaceChildren(icon(what), make('span', {}, name))
      offer(together, name, canPause || canResume, () => uploads?.[`${what}All`]())

      const isStill = busy.length === 0
      const retryable = failed.filter(({ error }) => error?.retryable)
      offer(retryAll, texts.retryAll, isStill && retryable.length > 1, () => {
        for (const { id } of retryable) uploads?.retry(id)
      })
      offer(dismissAll, texts.dismissAll, isStill && failed.length + notes.length > 1, () => {
        actions.remove(failed)
        actions.dismiss(notes)
      })
      const many = busy.length + paused.length + (looking?.count ?? 0)
      offer(cancelAll, texts.cancelAll, many > 1, () => {
        looking?.cancel()
        actions.remove([...busy, ...paused])
      })
      fold.element.hidden = !hasRows
      fold.show('fold', isFolded ? texts.showFiles : texts.hideFiles, actions.fold)
      fold.element.setAttribute('aria-expanded', String(!isFolded))
      element.classList.toggle('crowded', words.filter(({ hidden }) => !hidden).length > 1)

      all.hidden = isStill || batch.total < 2
      all.max = batch.bytes
      all.value = batch.sent
    },
  }
}

/** Below the summary. */
function detailsOf(view: View): string[] {
  const { failed, busy, groups, notes, added, isFolded, texts } = view
  const lines = []
  if (busy.length > 0) {
    const pace = waitsFor(busy, view) || paceOf(view)
    lines.push(isFolded && failed.length > 0 ? `${texts.failed(failed.length)} · ${pace}` : pace)
  } else {
    if (failed.length > 0 && added > 0) lines.push(texts.added(added))
    if (isFolded && failed.length === 0 && notes.length > 0 && added > 0) lines.push(texts.notAll)
    if (isFolded && groups.size === 1) lines.push(...groups.keys())
  }
  return lines
}
