const gliding = { duration: 250, easing: 'ease-out' }

/**
 * Rows glide to their new places when one above them is gone: they would jump from under the eye and the finger. Not where one
 * has scrolled, where browsers keep what is seen in its place.
 *
 * @returns is called when rows have come and gone
 */
export function createGlide(host: HTMLElement, list: HTMLElement): () => void {
  let before = new Map<Element, number>()
  return () => {
    const now = new Map<Element, number>()
    const { offsetHeight, offsetTop, scrollTop } = list
    const isStill = scrollTop > 0 || matchMedia('(prefers-reduced-motion)').matches
    // What floats grows upwards; the rest moves with the page.
    const begin = (host.hasAttribute('floating') ? list.getBoundingClientRect().top : 0) - offsetTop
    for (const row of offsetHeight > 0 ? list.querySelectorAll('li') : []) {
      const top = begin + row.offsetTop
      const moved = (before.get(row) ?? top) - top
      now.set(row, top)
      // Added to one that is not over yet.
      if (moved !== 0 && !isStill)
        row.animate({ transform: [`translateY(${moved}px)`, 'none'] }, { ...gliding, composite: 'add' })
    }
    before = now
  }
}
