/**
 * Draws a list whose rows and buttons come and go, and keeps the focus in it. Where what has the focus is removed or hidden, it
 * goes to the last button of the same row, or of the row in its place, or of the header, or to `otherwise`. Browsers would move
 * it to the top.
 */
export function keepFocus(root: ShadowRoot, draw: () => void, otherwise: () => HTMLElement | null): void {
  const { activeElement: before } = root
  const row = before?.closest('li')
  const at = row ? [...root.querySelectorAll('li')].indexOf(row) : -1
  draw()
  if (!(before instanceof HTMLElement)) return
  if (before.isConnected && !before.closest('[hidden]')) {
    // To move a row takes the focus away.
    if (root.activeElement !== before) before.focus()
    return
  }
  const rows = root.querySelectorAll('li')
  const next = row?.isConnected ? row : row && rows[Math.min(at, rows.length - 1)]
  const buttons = (next ?? root.querySelector('header'))?.querySelectorAll<HTMLElement>(
    'button:not([hidden])',
  )
  ;([...(buttons ?? [])].pop() ?? otherwise())?.focus()
}
