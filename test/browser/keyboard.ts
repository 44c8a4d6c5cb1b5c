import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

/** Nothing sticks out sideways, and every control is large enough for a finger. */
export async function assertFits(page: Page): Promise<void> {
  const width = await page.locator('html').evaluate((html) => html.scrollWidth)
  const room = page.viewportSize()?.width ?? 0
  assert(width <= room, `the page is ${width} px wide`)
  for (const control of await page.locator('button, a, label:has(input), textarea').all()) {
    const box = await control.boundingBox()
    // What keys alone reach is as wide as nothing.
    if (!box || box.width === 0) continue
    const name = (await control.getAttribute('aria-label')) ?? (await control.textContent())
    assert(box.width >= 44 && box.height >= 44, `${name} is ${box.width} × ${box.height} px small`)
  }
}

export const focused = (page: Page, name: string) =>
  page.locator(':focus').and(page.getByRole('button', { name, exact: true }))

/** Presses Tab until the focus is on the button of that name. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 30; n++) {
    await page.keyboard.press('Tab')
    if ((await focused(page, name).count()) > 0) return
  }
  assert.fail(`Tab does not lead to ${name}`)
}

export const focusOn = (page: Page, name: string) => focused(page, name).waitFor()
