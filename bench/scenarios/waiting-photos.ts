import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Media } from '@tintype/protocol'
import { contestants } from '../harness/contestants.ts'
import { type Input, largePhoto, phoneHeic } from '../harness/inputs.ts'
import { sharedMemoryOf, startServer, watchMemory } from '../harness/processes.ts'
import { digits, type Findings, type RunOptions, type Scenario } from '../harness/scenario.ts'

const atOnce = 16
/** Megabytes: the default of a machine that has two gigabytes or more. */
const budget = 512
const most = 600

export const waitingPhotos: Scenario = {
  id: 'waiting-photos',
  title: 'Photos of 48 and 50 megapixels, 16 of each kind at once',

  async run(options) {
    const jpeg = await largePhoto()
    const heic = phoneHeic()
    const all = (input: Input) => Array.from({ length: options.quick ? 4 : atOnce }, () => input)
    const storms: [string, Storm][] = []
    for (const [label, inputs] of [
      ['JPEG, 50 megapixels', all(jpeg)],
      ['HEIC, 48 megapixels', all(heic)],
      ['both', [...all(jpeg), ...all(heic)]],
    ] as const) {
      options.progress(label)
      storms.push([label, await storm(inputs, options)])
    }
    return findings(storms)
  },
}

interface Storm {
  /** Bytes of all processes. */
  peak: number
  statuses: Map<string, number>
  /** Until the last answer, and until all variants are there. */
  seconds: [answered: number, made: number]
}

async function storm(inputs: readonly Input[], { progress }: RunOptions): Promise<Storm> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-bench-'))
  const { args, env } = contestants.tintype
  const { VARIANTS: _, ...usual } = env
  const server = await startServer(args, {
    ...usual,
    MEMORY_BUDGET: `${budget}MB`,
    TINTYPE_DATA: directory,
  })
  try {
    const memory = watchMemory(server.pid, sharedMemoryOf)
    const statuses = new Map<string, number>()
    const taken: string[] = []
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    await Promise.all(
      inputs.map(async (input) => {
        const [status, media] = await send(server.origin, input)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (media) taken.push(media.id)
      }),
    )
    const answered = seconds()
    progress('their variants')
    for (const id of taken) await view(server.origin, id)
    return { peak: memory.stop(), statuses, seconds: [answered, seconds()] }
  } finally {
    await server.stop()
    await rm(directory, { recursive: true })
  }
}

async function send(
  origin: string,
  { head, name, type }: Input,
): Promise<[status: string, media?: Media | undefined]> {
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(head)], { type }), name)
  const answer = await fetch(`${origin}/api/media`, { method: 'POST', body: form })
  if (answer.status !== 201) return [String(answer.status)]
  const { media } = (await answer.json()) as { media: Media[] }
  return ['201', media[0]]
}

/** Resolves when the variant is there, which the background makes. */
async function view(origin: string, id: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${origin}/api/media/${id}`)
    if (((await answer.json()) as Media).urls.view !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function findings(storms: [string, Storm][]): Findings {
  const peaks = storms.map(([, { peak }]) => peak / 1e6)
  const others = storms
    .flatMap(([, { statuses }]) => [...statuses])
    .filter(([status]) => status !== '201' && status !== '503')
    .reduce((sum, [, count]) => sum + count, 0)
  return {
    about:
      `${atOnce} JPEGs of 8160 x 6120, ${atOnce} HEICs of 8064 x 6048 in tiles of 512 x 512, and both together, sent at the same ` +
      `moment as forms to a server with MEMORY_BUDGET=${budget}MB and its own storage, which makes the usual thumb and view. Memory is that of all ` +
      'processes, of the server and its children, what they share counted once (PSS), from the start until all variants are there.',
    columns: ['', 'peak MB', 'answers', 's to the last answer', 's until all variants are there'],
    rows: storms.map(([label, { peak, statuses, seconds }]) => [
      label,
      digits(peak / 1e6),
      [...statuses].map(([status, count]) => `${status} x ${count}`).join(', '),
      ...seconds.map(digits),
    ]),
    targets: [
      {
        text: `Peak of all processes: at most ${most} MB`,
        value: `${digits(Math.max(...peaks))} MB`,
        reached: Math.max(...peaks) <= most,
      },
      {
        text: 'Photos that are answered neither 201 nor 503 (there was no decoder in time)',
        value: String(others),
        reached: others === 0,
      },
    ],
    charts: [],
  }
}
