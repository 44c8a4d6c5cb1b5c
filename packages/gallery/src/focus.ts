/** Where the focus goes when what had it is gone. Browsers would leave it nowhere: the next Tab begins at the top of the page. */

const focusable =
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex="-1"]), tintype-drop'

/** What had the focus last, and what it stood in, the nearest first. */
let last: Element | null = null
let around: { element: Element; place: number }[] = []
/** Has the focus because nothing else was there. */
let standIn: Element | null = null

/** Whether nothing has the focus, or nothing that somebody has chosen: whatever comes may take it. */
export function isFocusLost(): boolean {
  const { activeElement } = document
  return activeElement === null || activeElement === document.body || activeElement === standIn
}

/** The first control of a dialog that is of use: one that is marked `data-first`, else any before those marked `data-last`, such as “Close”. */
export function focusFirstIn(dialog: HTMLElement): void {
  const all = controlsIn(dialog)
  const first =
    all.find((one) => one.matches('[data-first]')) ?? all.find((one) => !one.matches('[data-last]'))
  give(first ?? dialog)
  // What comes into the dialog later is of more use than the dialog itself.
  if (!first) standIn = dialog
}

/** From now on the focus is on something, whatever goes: see above. @returns ends it */
export function keepFocus(): () => void {
  const onFocus = ({ target }: FocusEvent) => {
    if (!(target instanceof Element)) return
    last = target
    around = []
    if (target !== standIn) standIn = null
    for (let element: Element | null = target; element; element = element.parentElement) {
      around.push({ element, place: [...(element.parentElement?.children ?? [])].indexOf(element) })
    }
  }
  const observer = new MutationObserver(() => {
    const { activeElement } = document
    if (activeElement instanceof HTMLDialogElement && activeElement === standIn) focusFirstIn(activeElement)
    // A click on nothing puts it nowhere, too: then what had it before is still there.
    if (last === null || !isGone(last)) return
    // What is hidden has it for a moment longer.
    if (activeElement !== document.body && activeElement !== last) return
    last = null
    find()
  })
  document.addEventListener('focusin', onFocus)
  observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ['hidden'] })
  return () => {
    document.removeEventListener('focusin', onFocus)
    observer.disconnect()
  }
}

/** The row in the place of the one that is gone, else the dialog, else the photo at which the arrow keys begin, else the page. */
function find(): void {
  const at = around.findIndex(({ element }) => !isGone(element))
  const near = around[at]?.element
  const list = near?.closest('li, ul')
  if (near && list) {
    const place = around[at - 1]?.place ?? 0
    const rows = near === list ? [...list.children] : []
    const row = rows[Math.min(place, rows.length - 1)] ?? list
    const control = controlsIn(row)[0]
    if (control) {
      give(control)
      return
    }
  }
  const dialog =
    near?.closest<HTMLElement>('dialog[open]') ??
    [...document.querySelectorAll<HTMLElement>('dialog[open]')].at(-1)
  if (dialog) {
    focusFirstIn(dialog)
    return
  }
  const main = document.querySelector('main')
  give(main?.querySelector('.tile-open[tabindex="0"]') ?? main)
  standIn = document.activeElement
}

const isGone = (element: Element) => !element.isConnected || element.closest('[hidden]') !== null

/** Those that one can see, in their order. */
function controlsIn(element: Element): Element[] {
  return [...element.querySelectorAll(focusable)].filter(
    (one) => !one.matches(':disabled, [aria-disabled=true]') && one.getClientRects().length > 0,
  )
}

function give(element: Element | null): void {
  if (!(element instanceof HTMLElement)) return
  // An element that hands the focus on would not be reached by Tab any more.
  if (element.tabIndex < 0 && !element.hasAttribute('tabindex') && !element.shadowRoot) element.tabIndex = -1
  element.focus({ preventScroll: true })
}
