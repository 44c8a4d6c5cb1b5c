import assert from 'node:assert/strict'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { photo } from '../media/photos.ts'
import { password } from '../people/family.ts'

export interface TestPage extends AsyncDisposable {
  page: Page
  /** Fails where the page logged an error, threw one, or broke its Content-Security-Policy. */
  assertClean(): void
}

/** A page in a profile of its own, or in the one that is given. @param expected console errors that belong to the test */
export async function openPage(
  browser: Browser | BrowserContext,
  options: BrowserContextOptions = {},
  expected: RegExp = /(?!)/,
): Promise<TestPage> {
  const context =
    'newContext' in browser
      ? await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
      : browser
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const troubles: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !expected.test(message.text())) {
      troubles.push(`${message.text()} ${message.location().url}`)
    }
  })
  page.on('pageerror', (error) => troubles.push(String(error)))
  return {
    page,
    assertClean: () => assert.deepEqual(troubles, []),
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** Waits until the picture of a tile has really been drawn. */
export async function seePicture(page: Page, name: string | RegExp): Promise<void> {
  const tile = page.getByRole('button', { name })
  await tile.locator('img[data-shown="true"]').waitFor()
  const width = await tile.locator('img').evaluate((img) => (img as HTMLImageElement).naturalWidth)
  assert(width > 0, `the picture of ${name} is not drawn`)
}

/** A photo as a browser's dialog gives it. */
export const png = async (name: string) => ({
  name,
  mimeType: 'image/png',
  buffer: await photo({ width: 300, height: 200, type: 'image/png' }),
})

/** As one of a family: see test/people/family.ts. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
