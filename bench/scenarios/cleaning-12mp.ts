import { hash } from 'node:crypto'
import sharp from 'sharp'
import { endOfScan, jpegSegments } from '../../packages/tintype/src/metadata/jpeg-segments.ts'
import { applyEdits, fromMemory } from '../../packages/tintype/src/privacy/cleaning.ts'
import { planCleaning } from '../../packages/tintype/src/privacy/plan-cleaning.ts'
import { jpegSegment, withSegments } from '../../test/media/exif.ts'
import { privateExif, privateXmp } from '../../test/media/secrets.ts'
import { contestants, openArena } from '../harness/contestants.ts'
import { type Input, photo } from '../harness/inputs.ts'
import { hammer, shotAt } from '../harness/load.ts'
import { digits, type Findings, type Scenario, takeTurns, withSpread } from '../harness/scenario.ts'
import { median } from '../harness/statistics.ts'

const { tintype } = contestants
const connections = 4

export const cleaning12mp: Scenario = {
  id: 'cleaning-12mp',
  title: 'Cleaning of photos of 12 megapixels',

  async run({ quick, progress }) {
    const [photos, rounds, runs] = quick ? [10, 2, 100] : [40, 7, 3000]
    const file = await privatePhoto()
    const arena = await openArena([tintype])
    const cleanings: number[] = []
    const searches: number[] = []
    const hashes: number[] = []
    try {
      for (const one of arena.running) {
        await hammer(one.origin, shotAt(one, file), { connections, count: connections })
      }
      await cleaningCost(file.head, 1000)
      const turns = await takeTurns(arena, rounds, async (one) => {
        const outcome = await hammer(one.origin, shotAt(one, file), { connections, count: photos })
        cleanings.push(await cleaningCost(file.head, runs))
        searches.push(await searchCost(file.head, runs))
        hashes.push(await cost(runs, async () => void hash('sha256', file.head, 'hex')))
        progress(`${one.label}: ${digits(photos / outcome.seconds)} photos/s`)
        return outcome
      })
      const uploads = (turns.get(tintype.id) ?? []).map(({ cpu }) => cpu / photos)
      return findings(uploads, { cleanings, searches, hashes })
    } finally {
      await arena.close()
    }
  },
}

/** As a phone makes it: Exif with a position, a maker note and a thumbnail, and 3 KB of XMP. */
async function privatePhoto(): Promise<Input> {
  const plain = await photo(4000, 3000, 4_000_000)
  const thumbnail = await sharp(plain.head).resize(160).jpeg().toBuffer()
  const head = withSegments(Buffer.from(plain.head), [
    jpegSegment(0xe1, 'Exif\0\0', privateExif({ thumbnail })),
    jpegSegment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', Buffer.from(privateXmp())),
  ])
  return { ...plain, head, size: head.length }
}

/** Milliseconds of CPU of one cleaning, in this process: of so many that what the compiler takes is no part of it. */
function cleaningCost(jpeg: Buffer, runs: number): Promise<number> {
  const copy = Buffer.from(jpeg)
  const policy = { location: 'remove', identifiers: 'remove' } as const
  return cost(runs, async () => {
    const { edits } = await planCleaning(fromMemory(jpeg), 'image/jpeg', policy)
    applyEdits(copy, edits)
  })
}

/** The part of it that grows with the pixels: finding where the picture ends. */
function searchCost(jpeg: Buffer, runs: number): Promise<number> {
  const { end } = jpegSegments(jpeg)
  return cost(runs, async () => void endOfScan(jpeg, end))
}

async function cost(runs: number, work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  for (let run = 0; run < runs; run++) await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / runs
}

function findings(
  uploads: number[],
  { cleanings, searches, hashes }: Record<'cleanings' | 'searches' | 'hashes', number[]>,
): Findings {
  const places = (values: number[]) =>
    `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`
  const besideWithout = (...parts: number[][]) =>
    median(
      uploads.map(
        (upload, round) => upload / (upload - parts.reduce((sum, of) => sum + (of[round] ?? 0), 0)),
      ),
    )
  const ratio = besideWithout(cleanings)
  const ratioWithHash = besideWithout(cleanings, hashes)
  const cleaning = median(cleanings)
  return {
    about:
      'The JPEG of 4000 x 3000 pixels and 4 MB, with Exif, a position, a maker note, a thumbnail and 3 KB of XMP: sent to ' +
      'the ready server as a form over 4 connections, which cleans it and makes a thumb. Between these uploads, in the ' +
      'same run, it is cleaned alone, in one process, many times. A file that cleaning has changed is hashed twice: `sentSha256` is ' +
      'of what was sent, `sha256` of what is stored, and a SHA-256 can not go on from another one; its share is the last row.',
    columns: ['', 'CPU ms per photo'],
    rows: [
      ['the whole upload, cleaned, with thumb', withSpread(uploads)],
      ['the cleaning in it', places(cleanings)],
      ['of that: the search for the end of the picture', places(searches)],
      ['beside it: the SHA-256 of what is stored', places(hashes)],
    ],
    targets: [
      {
        text: 'The upload beside one without cleaning and the SHA-256 of what it stores: at most 1.01',
        value: ratioWithHash.toFixed(3),
        reached: ratioWithHash <= 1.01,
      },
      {
        text: 'The upload beside one without cleaning alone: at most 1.01',
        value: ratio.toFixed(3),
        reached: ratio <= 1.01,
      },
      { text: 'Cleaning: at most 0.3 ms', value: `${cleaning.toFixed(2)} ms`, reached: cleaning <= 0.3 },
    ],
    charts: [],
  }
}
