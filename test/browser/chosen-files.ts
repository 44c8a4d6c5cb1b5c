import type { Page } from 'playwright-core'
import { photo } from '../media/photos.ts'

export type Chosen = Awaited<ReturnType<typeof file>>

/** A photo as a browser's dialog gives it, another one for each seed. */
export const file = async (name: string, seed: number) => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await photo({ width: 300, height: 200, seed }),
})

export const choose = (page: Page, files: Chosen[]) =>
  page.locator('.header input[type=file][multiple]').setInputFiles(files)

/** Addresses to which photos are sent, as it goes on. */
export function watchUploads(page: Page): string[] {
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && new URL(request.url()).pathname === '/api/media')
      sent.push(request.url())
  })
  return sent
}
