import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Media } from '@tintype/protocol'
import { contestants, openArena } from '../harness/contestants.ts'
import { type Input, photo } from '../harness/inputs.ts'
import { hammer, shotAt } from '../harness/load.ts'
import { startServer } from '../harness/processes.ts'
import { digits, type Findings, type Scenario } from '../harness/scenario.ts'
import { median, percentile } from '../harness/statistics.ts'

const { tintype, multerSharp } = contestants
const uploaders = 4
/** Milliseconds between two looks for a view. */
const interval = 200

export const untilView: Scenario = {
  id: 'until-view',
  title: 'From the upload to the thumb and to the view',

  async run({ quick, progress }) {
    const [photos, rounds] = quick ? [8, 1] : [40, 3]
    const file = await photo(4000, 3000, 4_000_000)
    const directory = await mkdtemp(join(tmpdir(), 'tintype-bench-'))
    const { VARIANTS: _, ...usual } = tintype.env
    const server = await startServer(tintype.args, { ...usual, TINTYPE_DATA: directory })
    const arena = await openArena([multerSharp]).catch(async (error) => {
      await server.stop()
      throw error
    })
    try {
      const [peer] = arena.running
      if (!peer) throw new Error('The peer does not run.')
      const ours: Times[] = []
      const theirs: number[] = []
      await upload(server.origin, file, uploaders)
      for (let round = 0; round < rounds; round++) {
        progress(`round ${round + 1}`)
        ours.push(...(await upload(server.origin, file, photos)))
        const outcome = await hammer(peer.origin, shotAt(peer, file), {
          connections: uploaders,
          count: photos,
        })
        theirs.push(...outcome.latencies)
      }
      return findings(ours, theirs)
    } finally {
      await arena.close()
      await server.stop()
      await rm(directory, { recursive: true })
    }
  },
}

/** Milliseconds from the first byte that is sent. */
interface Times {
  /** The answer, which has the thumb's URL. */
  thumb: number
  view: number
}

/** Resolves when all views are there. They are looked for in the list, by one request at a time: it shares the cores. */
async function upload(origin: string, { head, name, type }: Input, count: number): Promise<Times[]> {
  const begun = new Map<string, { at: number; thumb: number }>()
  let left = count
  const uploader = async () => {
    while (left-- > 0) {
      const form = new FormData()
      form.append('file', new Blob([new Uint8Array(head)], { type }), name)
      const at = performance.now()
      const answer = await fetch(`${origin}/api/media`, { method: 'POST', body: form })
      if (answer.status !== 201) throw new Error(`An upload was answered ${answer.status}.`)
      const [media] = ((await answer.json()) as { media: Media[] }).media
      if (media?.urls.thumb === undefined) throw new Error('There is no thumb.')
      begun.set(media.id, { at, thumb: performance.now() - at })
    }
  }
  const uploaded = Promise.all(Array.from({ length: uploaders }, uploader))
  const times: Times[] = []
  while (times.length < count) {
    await new Promise((resolve) => setTimeout(resolve, interval))
    const answer = await fetch(`${origin}/api/media?limit=100`)
    for (const { id, urls } of ((await answer.json()) as { media: Media[] }).media) {
      const one = begun.get(id)
      if (!one || urls.view === undefined) continue
      begun.delete(id)
      times.push({ thumb: one.thumb, view: performance.now() - one.at })
    }
  }
  await uploaded
  return times
}

function findings(ours: Times[], theirs: number[]): Findings {
  const row = (label: string, values: number[]) => [
    label,
    digits(median(values)),
    digits(percentile(values, 0.99)),
  ]
  return {
    about:
      `A JPEG of 4000 x 3000 pixels and 4 MB, sent as a form by ${uploaders} uploaders, each of which sends the next one when it is ` +
      'answered: by then there is a thumb. The view of 2,048 pixels is made behind it, and looked for every ' +
      `${interval} ms. Tintype keeps the photos in its own storage, on the same disk; the peer makes a thumb alone, and sends both to the sink.`,
    columns: ['', 'ms (median)', '(99 %)'],
    rows: [
      row(
        'Tintype, to the thumb',
        ours.map(({ thumb }) => thumb),
      ),
      row(
        'Tintype, to the view',
        ours.map(({ view }) => view),
      ),
      row('Multer memory + sharp + PutObject, to the thumb', theirs),
    ],
    targets: [],
    charts: [],
  }
}
