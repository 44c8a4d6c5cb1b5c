import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

/**
 * What of the page doesn't fit its window: what scrolls to the side, is cut off, lies over another, is too small to be pressed, or is
 * a heading with a word in two lines.
 */
export async function assertFits(page: Page): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))))
  assert.deepEqual(await page.evaluate(look), [])
}

/** In the page. */
function look(): string[] {
  /** Pixels, of WCAG 2.5.8. */
  const smallest = 24
  const { clientWidth: width, scrollWidth } = document.documentElement
  const found = scrollWidth > width ? [`the page scrolls to the side: ${scrollWidth} of ${width}`] : []
  const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body
  /** In shadow trees, too. */
  const all = (within: ParentNode, selector: string): HTMLElement[] => [
    ...within.querySelectorAll<HTMLElement>(selector),
    ...[...within.querySelectorAll('*')].flatMap(({ shadowRoot }) =>
      shadowRoot ? all(shadowRoot, selector) : [],
    ),
  ]
  const pressed = all(top, 'button, a[href], input, textarea, select').filter((one) => {
    const { opacity, clipPath, visibility } = getComputedStyle(one)
    const isSeen = one.checkVisibility() && visibility === 'visible' && opacity !== '0' && clipPath === 'none'
    // Marks lie over their photo.
    return isSeen && !one.closest('.tile') && one.getBoundingClientRect().width > 1
  })
  const boxes = pressed.map((one) => {
    const { left, right, top, bottom, width, height } = one.getBoundingClientRect()
    const name = one.getAttribute('aria-label') ?? (one.textContent?.trim() || one.outerHTML.slice(0, 80))
    const isInline = getComputedStyle(one).display === 'inline'
    return { one, name, isInline, left, right, top, bottom, width, height }
  })
  for (const one of all(top, 'p, h1, h2, .album-name')) {
    const { textOverflow, webkitLineClamp } = getComputedStyle(one)
    const isCut =
      (textOverflow === 'ellipsis' && one.scrollWidth > one.clientWidth) ||
      (webkitLineClamp !== 'none' && one.scrollHeight > one.clientHeight)
    // Names of files have a title.
    if (isCut && !one.title) found.push(`words that are cut: ${one.textContent}`)
  }
  for (const heading of all(top, 'h1, h2, h3')) {
    const texts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT)
    while (texts.nextNode())
      for (const { 0: word, index } of (texts.currentNode.textContent ?? '').matchAll(/\S+/g)) {
        const range = document.createRange()
        range.setStart(texts.currentNode, index)
        range.setEnd(texts.currentNode, index + word.length)
        if (new Set([...range.getClientRects()].map((line) => line.top)).size > 1)
          found.push(`a word in two lines: ${word}`)
      }
  }
  for (const [n, box] of boxes.entries()) {
    if (box.left < -1 || box.right > width + 1)
      found.push(`cut off: ${box.name} from ${box.left} to ${box.right}`)
    const label = box.one.closest('label')?.getBoundingClientRect() ?? box
    if (box.one.matches('.button:not(.icon-only)') && box.one.scrollWidth > box.one.clientWidth + 1)
      found.push(`words beyond their button: ${box.name}, ${box.one.scrollWidth} of ${box.one.clientWidth}`)
    const size = Math.min(Math.max(box.width, label.width), Math.max(box.height, label.height))
    if (!box.isInline && size < smallest) found.push(`small: ${box.name}, ${box.width} x ${box.height}`)
    for (const other of boxes.slice(n + 1)) {
      const across = Math.min(box.right, other.right) - Math.max(box.left, other.left)
      const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top)
      const isOneBar =
        box.one.closest('header, nav, section, form, dialog') ===
        other.one.closest('header, nav, section, form, dialog')
      if (across > 1 && down > 1 && isOneBar && !box.one.contains(other.one))
        found.push(`over each other: ${box.name} and ${other.name}`)
    }
  }
  return found
}
