import type { Page } from 'playwright-core'
import {
  broken,
  choose,
  press,
  type State,
  type StatesWorld,
  see,
  seePhoto,
  seeTiles,
  select,
} from './state.ts'

/** Photos and videos of one's own. */
export const gallery: Record<string, State> = {
  'the grid': { show: seeTiles },
  'no photos yet': { as: 'Bob', show: see('No photos yet') },
  'files over the page': { as: 'Bob', show: drag },
  'nothing found': { at: () => '/?q=zzz', show: see('Nothing found') },
  'a selection': { show: select },
  'the server out of reach': {
    async show(page) {
      await page.route(/\/api\/(media|timeline)\?/, (route) => route.abort())
      await page.reload()
      await page.getByRole('heading', { name: 'The photos can’t be loaded' }).waitFor()
    },
  },
  'a photo and its details': { at: ofPhoto, show: seePhoto },
  'a photo that is not there': {
    at: () => '/photo/AAAAAAAAAAAAAAAAAAAAAA',
    show: (page) => page.getByRole('dialog').waitFor(),
  },
  'a photo without its details': {
    at: ofPhoto,
    async show(page) {
      await seePhoto(page)
      await see('SHA-256')(page)
      await press(page, 'Details')
      await page.getByText('SHA-256').waitFor({ state: 'hidden' })
    },
  },
  'a caption that is written': {
    at: ofPhoto,
    async show(page) {
      await seePhoto(page)
      await press(page, /caption/)
      await page.getByLabel('Caption').fill('The lake')
    },
  },
  'what was deleted, and can be undone': {
    async show(page) {
      await select(page)
      await press(page, 'Delete')
      await see('Photo deleted.')(page)
    },
  },
  'what was added to an album, with the way there': {
    async show(page) {
      await select(page)
      await press(page, 'Add to album')
      await page.getByLabel('Name of the album').fill('Evenings at the harbour')
      await press(page, 'Add to a new album')
      await see('Added to Evenings at the harbour.')(page)
    },
  },
  'recently deleted': { at: () => '/removed', show: see('Restore') },
  'an upload under way': {
    async show(page, { picture }) {
      await page.route('**/api/media', () => {})
      await choose(page, [picture, { ...broken, name: 'second.jpg' }])
      await page.locator('tintype-uploads li progress').first().waitFor()
    },
  },
  'files that are looked at': {
    async show(page, { picture }) {
      await page.route(/sha256=/, () => {})
      await choose(page, [picture, broken])
      await see('Looking at 2 files…')(page)
    },
  },
  'files that were chosen twice': {
    async show(page) {
      await choose(
        page,
        ['a', 'b', 'c'].map((name) => ({ ...broken, name: `${name}.jpg` })),
      )
      await see('They were chosen twice')(page)
    },
  },
  'uploads that failed, each and many alike': {
    async show(page) {
      await choose(page, [broken])
      await see('1 file failed')(page)
      await choose(
        page,
        ['a', 'b', 'c', 'd'].map((name) => ({
          ...{ ...broken, name: `${name}.jpg`, buffer: Buffer.from(`only words: ${name}`) },
        })),
      )
      await see('5 files failed')(page)
    },
  },
}

function ofPhoto({ photos: [first] }: StatesWorld): string {
  return `/photo/${first}`
}

async function drag(page: Page): Promise<void> {
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['x'], 'x.png'))
    const send = () =>
      document.body.dispatchEvent(new DragEvent('dragenter', { dataTransfer, bubbles: true }))
    send()
    // As browsers do while a drag stands still.
    setInterval(send, 200)
  })
  await see('Drop to add')(page)
}
