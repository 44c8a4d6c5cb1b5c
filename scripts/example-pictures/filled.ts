import type { Page } from 'playwright-core'
import { mailOf } from '../../examples/mail/message.ts'
import { scene } from '../../test/gallery/scenes.ts'
import { upload } from '../../test/support/server.ts'

const captions = ['The lake before the storm', 'First light', 'From the hut', 'In the valley']
const bytesOf = async (seed: number) => Buffer.from(await scene({ seed, width: 640, height: 480 }))
const mimeType = 'image/jpeg'

export async function byApi(url: string): Promise<void> {
  for (const [n, caption] of captions.entries())
    await upload(url, { name: `IMG_${2041 + n}.jpg`, bytes: await bytesOf(n + 1) }, { caption })
}

export async function byPosts(url: string): Promise<void> {
  for (const [text, ...seeds] of [
    ['Home again.', 5],
    ['Three days in the mountains, and the storm came after all.', 1, 2, 3],
  ] as const) {
    const form = new FormData()
    form.append('text', text)
    for (const seed of seeds)
      form.append('photo', new File([new Uint8Array(await bytesOf(seed))], `${seed}.jpg`))
    const response = await fetch(`${url}/posts`, { method: 'POST', body: form, redirect: 'manual' })
    if (response.status !== 303) throw new Error(await response.text())
  }
}

export async function byMail(url: string): Promise<void> {
  for (const [n, subject] of captions.entries()) {
    const files = [{ name: `IMG_${2041 + n}.jpg`, type: mimeType, bytes: await bytesOf(n + 1) }]
    const from = n % 2 ? 'bob@example.org' : 'eve@example.net'
    const response = await fetch(`${url}/mail?to=${encodeURIComponent('photos+k3vq8hzd@example.com')}`, {
      method: 'POST',
      headers: { Authorization: 'Bearer change me', 'Content-Type': 'message/rfc822' },
      body: mailOf({ id: `${n}@example.org`, subject, from, files }),
    })
    if (!response.ok) throw new Error(await response.text())
  }
}

/** By the form of the page, as its reader does, who signs in first where the page asks for it. */
export async function byForm(page: Page): Promise<void> {
  const signIn = page.getByLabel('Your name')
  if ((await signIn.count()) > 0) {
    await signIn.fill('ann')
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  const form = page.locator('form:has(input[type=file])')
  for (const [n, caption] of captions.slice(0, 3).entries()) {
    const words = form.getByLabel(/Caption|Text|Title/)
    if ((await words.count()) > 0) await words.fill(caption)
    const buffer = await bytesOf(n + 1)
    await form.locator('input[type=file]').setInputFiles({ name: `IMG_${2041 + n}.jpg`, mimeType, buffer })
    await form.locator('button').click()
    await page.locator('img').nth(n).waitFor()
  }
}

/** A file that holds what every virus scanner finds. */
export const refused = (text: string) => async (page: Page) => {
  const buffer = Buffer.concat([await bytesOf(1), Buffer.from(text)])
  await page.locator('input[type=file]').setInputFiles({ name: 'IMG_2041.jpg', mimeType, buffer })
  await page.getByRole('button', { name: 'Upload' }).click()
  await page.getByText(/holds/).waitFor()
}

/** One file that is refused, and one that is on its way for ever. */
export async function underWay(page: Page): Promise<void> {
  const input = page.locator('input[type=file]')
  const choose = (name: string, buffer: Buffer) => input.setInputFiles({ name, mimeType, buffer })
  await choose('letter.jpg', Buffer.from('only words'))
  await page.getByRole('alert').waitFor()
  await page.route('**/api/media', () => {})
  await choose('IMG_2047.jpg', await bytesOf(7))
  await page.getByText('IMG_2047.jpg').waitFor()
}

/** A file in the widget of another library, which has sent it. */
export async function sent(page: Page): Promise<void> {
  const file = { name: 'IMG_2041.jpg', mimeType, buffer: await bytesOf(1) }
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByText(/^Done/).waitFor()
}
