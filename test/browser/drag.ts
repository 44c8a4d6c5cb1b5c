import type { Page } from 'playwright-core'

type Drag = (type: 'dragEnter' | 'dragOver' | 'drop', x?: number, y?: number) => Promise<void>

/** Reports a drag of these files and folders as the browser itself would. */
export async function dragOf(page: Page, files: string[]): Promise<Drag> {
  const devtools = await page.context().newCDPSession(page)
  const data = { items: [], files, dragOperationsMask: 1 }
  return async (type, x = 500, y = 400) => {
    await devtools.send('Input.dispatchDragEvent', { type, x, y, data })
  }
}
