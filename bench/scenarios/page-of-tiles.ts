import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sizes, srcset } from '@tintype/client/images'
import type { Media } from '@tintype/protocol'
import sharp from 'sharp'
import { contestants } from '../harness/contestants.ts'
import { type Input, photo } from '../harness/inputs.ts'
import { startServer } from '../harness/processes.ts'
import { digits, type Findings, type Scenario } from '../harness/scenario.ts'
import { median, percentile } from '../harness/statistics.ts'

/** As the gallery asks for a page, and a tile of it: 400 CSS pixels wide on a screen of twice the density. */
const page = 60
const tileWidth = 400
const density = 2
/** As browsers ask over HTTP/1.1. */
const atOnce = 6

export const pageOfTiles: Scenario = {
  id: 'page-of-tiles',
  title: 'A page of 60 photos',

  async run({ quick, progress }) {
    const count = quick ? 6 : page
    const directory = await mkdtemp(join(tmpdir(), 'tintype-bench-'))
    const { args, env } = contestants.tintype
    // With its own storage: the sink of the other scenarios keeps nothing of which a picture could be made.
    const server = await startServer(args, { ...env, TINTYPE_DATA: directory })
    try {
      // Six different photos: to make sixty would take longer than all else.
      const photos: Input[] = []
      for (let at = 0; at < Math.min(count, 6); at++) photos.push(await photo(4000, 3000, 4_000_000))
      const media: Media[] = []
      let simple = 0
      for (let at = 0; at < count; at++) {
        progress(`photo ${at + 1} of ${count}`)
        const input = photos[at % photos.length] as Input
        media.push(await send(server.origin, input))
        simple += at < photos.length ? (await asPeoplePrepareThem(input)) * (count / photos.length) : 0
      }
      const urls = media.map((one) => tileUrl(server.origin, one))
      progress('for the first time')
      const first = await load(urls)
      progress('and again')
      const again = await load(urls)
      return findings({ count, simple, first, again })
    } finally {
      await server.stop()
      await rm(directory, { recursive: true })
    }
  },
}

async function send(origin: string, { head, name, type }: Input): Promise<Media> {
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(head)], { type }), name)
  const answer = await fetch(`${origin}/api/media`, { method: 'POST', body: form })
  const { media } = (await answer.json()) as { media: Media[] }
  return media[0] as Media
}

/** Bytes of the same photo, made smaller once for everybody. */
async function asPeoplePrepareThem({ head }: Input): Promise<number> {
  return (await sharp(head).autoOrient().resize({ width: 1600 }).jpeg({ quality: 80 }).toBuffer()).length
}

/** The smallest picture of `srcset` that is sharp. */
function tileUrl(origin: string, media: Media): string {
  const wide = Number.parseInt(sizes(media, { width: `${tileWidth}px` }), 10) * density
  const all = srcset(media).split(', ')
  const enough = all.find((one) => Number.parseInt(one.slice(one.lastIndexOf(' ') + 1), 10) >= wide)
  return origin + (enough ?? all.at(-1) ?? '').replace(/ \d+w$/, '')
}

interface Loaded {
  bytes: number
  /** Milliseconds. */
  latencies: number[]
  seconds: number
}

async function load(urls: string[]): Promise<Loaded> {
  const waiting = [...urls]
  const loaded: Loaded = { bytes: 0, latencies: [], seconds: 0 }
  const begun = performance.now()
  const one = async () => {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      const asked = performance.now()
      const answer = await fetch(url, { headers: { Accept: 'image/avif,image/webp,image/*,*/*;q=0.8' } })
      if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
      loaded.bytes += (await answer.bytes()).length
      loaded.latencies.push(performance.now() - asked)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return { ...loaded, seconds: (performance.now() - begun) / 1000 }
}

function findings(about: { count: number; simple: number; first: Loaded; again: Loaded }): Findings {
  const { count, simple, first, again } = about
  const share = again.bytes / simple
  const row = (label: string, { bytes, latencies, seconds }: Loaded) => [
    label,
    megabytes(bytes),
    digits(seconds),
    digits(median(latencies)),
    digits(percentile(latencies, 99)),
  ]
  return {
    about:
      `${count} photos of 12 megapixels, in tiles of ${tileWidth} CSS pixels on a screen of twice the density: as Tintype's ` +
      'gallery asks for them by `srcset`, six at a time, the first time while each is being made; and what the same photos ' +
      'have at 1,600 pixels as JPEG of quality 80.',
    columns: ['', 'MB', 's', 'a picture, ms (median)', '(99 %)'],
    rows: [
      row('Tintype, first time', first),
      row('Tintype, made already', again),
      ['1,600 pixels, JPEG 80', megabytes(simple), '', '', ''],
    ],
    targets: [
      {
        text: 'a page of tiles at twice the density in at most 40 % of the bytes of 1,600 pixels as JPEG 80',
        value: `${digits(share * 100)} %`,
        reached: share <= 0.4,
      },
    ],
    charts: [
      {
        title: `MB of a page of ${count} photos`,
        unit: ' MB',
        bars: [
          { label: 'Tintype, sharp at twice the density', value: again.bytes / 1e6, ours: true },
          { label: '1,600 pixels, JPEG 80', value: simple / 1e6, ours: false },
        ],
      },
    ],
  }
}

const megabytes = (bytes: number) => digits(bytes / 1e6)
