import type { SharedAlbum } from '@tintype/protocol'
import type { Clock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import type { OwnAddress } from 'tintype/internal/http/address'
import { type Answer, type ApiRequest, type Headers, redirect } from 'tintype/internal/http/exchange'
import { escapeHtml, page } from 'tintype/internal/http/html'
import type { Handler, Route } from 'tintype/internal/http/routes'
import type { AlbumPages } from '../albums/album-pages.ts'
import { type Guest, partOf } from '../albums/guests.ts'
import { presentShared, showGuest } from '../albums/shown.ts'
import type { AlbumRecords } from '../records/album-records.ts'
import { readFields } from './fields.ts'
import type { GuestApi } from './guest-api.ts'
import { type GuestSite, notListed } from './guest-site.ts'
import { html, styledBy } from './plain.ts'
import { albumList, photos } from './plain-albums.ts'
import { uploadForm } from './plain-item.ts'

export interface PlainSharedOptions {
  albums: Pick<AlbumRecords, 'tally'>
  pages: AlbumPages
  guests: Pick<GuestSite, 'demand' | 'count'>
  guestApi: Pick<GuestApi, 'remove'>
  own: OwnAddress
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
}

/** `/shared/ID/plain`: for guests without JavaScript. */
export function plainSharedRoutes(options: PlainSharedOptions): Route[] {
  const { albums, pages, guests, guestApi, own, clock, stallTimeout } = options

  /** The page of a guest, or one that says why there is none. */
  const forGuests =
    (work: (request: ApiRequest, guest: Guest, here: string) => Promise<Answer>): Handler =>
    async (request, { id }) => {
      const { path } = own.of(request)
      try {
        const { guest, headers } = await guests.demand(request, id)
        const { headers: its, ...answer } = await work(request, guest, `${path}/shared/${guest.link.id}`)
        return { ...answer, headers: { ...headers, ...its } }
      } catch (error) {
        const isOver = error instanceof TintypeError && (error.status === 401 || error.status === 410)
        if (!isOver) throw error
        const title = error.status === 401 ? 'Open the link again' : 'This link has ended'
        const body = `<div class="card"><h1>${title}</h1>\n<p>${escapeHtml(error.message)}</p></div>`
        return { status: error.status, headers: pageHeaders, body: page(title, body, styledBy(path)) }
      }
    }

  const show = forGuests(async (request, guest, here) => {
    const { path } = own.of(request)
    const part = partOf(guest, clock.now())
    const shared = presentShared(guest.link, await albums.tally(part))
    const isDrop = shared.kind === 'drop'
    const remove = (id: string) =>
      `<form method="post" action="${here}/plain/remove"><input type="hidden" name="id" value="${id}"><button>Delete</button></form>`
    const list = await albumList(
      request,
      `${here}/plain`,
      `${here}/api`,
      async (query) => {
        const { media, next } = await pages.list(part, query, true)
        return { media: media.map((one) => showGuest(one, guest.link)), next }
      },
      isDrop ? remove : undefined,
    )
    const top = isDrop ? `${dropText(shared)}\n${isFull(shared) ? '' : uploadForm(`${here}/api`)}` : ''
    const sent = isDrop ? `<h2>What you have sent</h2>` : `<p class="soft">${photos(shared.count)}</p>`
    const body = `<h1>${escapeHtml(shared.name)}</h1>\n${top}\n${sent}\n${list}`
    return { status: 200, headers: pageHeaders, body: page(shared.name, body, styledBy(path)) }
  })

  const removeSent = forGuests(async (request, guest, here) => {
    await guests.count(request)
    const { id = '' } = await readFields(request, { clock, stallTimeout })
    await guestApi.remove(guest, id)
    return redirect(303, `${here}/plain`)
  })

  return [
    { path: '/shared/:id/plain', methods: { GET: show } },
    { path: '/shared/:id/plain/remove', methods: { POST: removeSent } },
  ]
}

const pageHeaders: Headers = { ...html, 'Cache-Control': 'no-store', ...notListed }

const isFull = ({ room }: SharedAlbum) => room?.files === 0 || room?.bytes === 0

function dropText(shared: SharedAlbum): string {
  const { files = null, bytes = null } = shared.room ?? {}
  if (isFull(shared))
    return '<p>Everything that this link takes has come. Ask for a new one where it came from.</p>'
  const limits = [...(files === null ? [] : [photos(files)]), ...(bytes === null ? [] : [sizeOf(bytes)])]
  const until = shared.expiresAt === null ? '' : `, until ${longTime.format(new Date(shared.expiresAt))} UTC`
  return `<p>What you send goes to the owner of this album: ${limits.length === 0 ? 'photos and videos' : `at most ${limits.join(', ')}`}${until}.</p>`
}

/** Never more than there is. */
function sizeOf(bytes: number): string {
  if (bytes >= 1e6) return `${Math.floor(bytes / 1e6)} MB`
  return bytes >= 1e3 ? `${Math.floor(bytes / 1e3)} kB` : `${bytes} bytes`
}

const longTime = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
})
