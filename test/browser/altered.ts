import type { Browser } from 'playwright-core'
import { openPage, type TestPage } from './page.ts'

/** A page of the gallery that differs from others by what `script` does before anything else runs. */
export async function openAltered<T>(
  { browser, url }: { browser: Browser; url: string },
  script: (argument: T) => void,
  argument: T,
  options: Parameters<typeof openPage>[1] = {},
): Promise<TestPage> {
  const opened = await openPage(browser, options)
  // From the start: the browser needs a moment to hand its file dialog over.
  opened.page.on('filechooser', () => {})
  await opened.page.addInitScript(script as never, argument)
  await opened.page.goto(url)
  await opened.page.locator('.header input[type=file][multiple]').waitFor({ state: 'attached' })
  return opened
}
