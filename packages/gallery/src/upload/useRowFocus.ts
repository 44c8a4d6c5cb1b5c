import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react'

/**
 * Keeps the focus in a list whose rows and buttons come and go. When the focused element is removed, the focus goes to
 * the last button of the same row, or of the row in its place, or to `otherwise`. Browsers would move it to the top.
 */
export function useRowFocus(otherwise: RefObject<HTMLElement | null>) {
  const ref = useRef<HTMLUListElement>(null)
  const last = useRef<{ row: Element; index: number } | null>(null)

  useLayoutEffect(() => {
    if (!last.current || document.activeElement !== document.body) return
    const { row, index } = last.current
    const rows = ref.current?.children ?? []
    const next = row.isConnected ? row : rows[Math.min(index, rows.length - 1)]
    const buttons = next?.querySelectorAll('button') ?? []
    ;(buttons[buttons.length - 1] ?? otherwise.current)?.focus()
    if (!next) last.current = null
  })

  return {
    ref,
    onFocus({ target }: FocusEvent) {
      const row = target.closest('li')
      last.current = row && { row, index: [...(row.parentElement?.children ?? [])].indexOf(row) }
    },
    onBlur({ target }: FocusEvent) {
      // It may lose the focus because it is being removed, which is known only afterwards.
      setTimeout(() => {
        if (target.isConnected && !ref.current?.contains(document.activeElement)) last.current = null
      })
    },
  }
}
