import { type RefObject, useEffect, useLayoutEffect, useState } from 'react'

/** Of the window, by area. */
const mostCovered = 1 / 3

/**
 * Whether the tray is folded to a line: as one has left it, else by itself once it would cover more than a third of the window. What
 * has the focus in it is not folded away.
 *
 * @param isShown a tray that comes anew has no such choice
 */
export function useFolded(
  tray: RefObject<HTMLElement | null>,
  isShown: boolean,
): [isFolded: boolean, set: (isFolded: boolean) => void] {
  const [isFolded, setFolded] = useState<boolean | null>(null)
  useEffect(() => {
    if (!isShown) setFolded(null)
  }, [isShown])
  // With each row that comes.
  useLayoutEffect(() => {
    const { current } = tray
    if (!current || isFolded !== null || current.contains(document.activeElement)) return
    const { offsetWidth, offsetHeight } = current
    if (offsetWidth * offsetHeight > window.innerWidth * window.innerHeight * mostCovered) setFolded(true)
  })
  return [isFolded === true, setFolded]
}
