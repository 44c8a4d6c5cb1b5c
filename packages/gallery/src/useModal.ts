import { type RefObject, useLayoutEffect, useRef } from 'react'
import { focusFirstIn } from './focus.ts'

/** Of a dialog that is open, above all else, for as long as it is there. The focus begins on what is of use in it. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const { current } = dialog
    current?.showModal()
    const { activeElement } = document
    if (current && (activeElement === current || activeElement?.matches('[data-last]'))) focusFirstIn(current)
    return () => current?.close()
  }, [])
  return dialog
}
