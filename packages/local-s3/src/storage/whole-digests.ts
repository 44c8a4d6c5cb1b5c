import { createDigests, type Digested } from '../body/digests.ts'
import type { ChecksumAlgorithm } from '../checksum/index.ts'
import type { Blobs } from './blobs.ts'
import type { Objects, StoredObject } from './objects.ts'
import type { Upload, Uploads } from './uploads.ts'

/**
 * MD5 and checksum of whole objects, as copies have them. For an object made of parts they can't be combined from those
 * of the parts, unless it is a CRC. Where SHA-256 is in use they are computed while the parts come, each as soon as all
 * before it are there: a copy made right after the last one, of whatever size, then has its digests at once.
 */
export interface WholeDigests {
  /** A part has come. Digests in the background what is now there without a gap. */
  follow(upload: Upload): void
  /** Reads the object through, unless it was digested on the way. */
  of(object: StoredObject, algorithm: ChecksumAlgorithm): Promise<Digested>
  /** Waits for what is being read, and follows nothing any more. */
  stop(): Promise<void>
}

/** What was digested of an upload from its first byte on. */
interface Run {
  digests: ReturnType<typeof createDigests>
  /** SHA-256 of each part that went into it: they tell whether the object has other ones. */
  parts: string[]
  work: Promise<void>
  isWorking: boolean
  result?: Digested
}

/** The latest uploads whose digests are computed. Lost with the process: then a copy reads the bytes. */
const mostRuns = 16
const followed = 'SHA256'

export function createWholeDigests({ objects, uploads, blobs }: Sources): WholeDigests {
  /** By the upload's id. */
  const runs = new Map<string, Run>()

  async function digest(extents: Extents, digests: Run['digests'], goesOn = () => true): Promise<void> {
    await blobs.read(extents, async (bytes) => {
      for await (const chunk of bytes) {
        if (!goesOn()) return
        digests.update(chunk)
      }
    })
  }

  async function goOn(id: string, run: Run): Promise<void> {
    const goesOn = () => runs.get(id) === run
    while (goesOn()) {
      const number = run.parts.length + 1
      const [part] = uploads.parts(id, number - 1, 1)
      const sha256 = part?.checksums[followed]
      if (part?.number !== number || part.blob === null || sha256 === undefined) return
      await digest([{ blob: part.blob, start: 0, end: part.size }], run.digests, goesOn)
      run.parts.push(sha256)
    }
  }

  function advance(id: string, run: Run): void {
    if (run.isWorking) return
    run.isWorking = true
    run.work = goOn(id, run)
      // The error of an unreadable file is reported to the request that asks for the digest.
      .catch(() => void runs.delete(id))
      .finally(() => {
        run.isWorking = false
      })
  }

  function begin(id: string): Run {
    const [oldest] = runs.keys()
    if (runs.size === mostRuns && oldest !== undefined) runs.delete(oldest)
    const digests = createDigests({}, [followed])
    const run: Run = { digests, parts: [], work: Promise.resolve(), isWorking: false }
    runs.set(id, run)
    return run
  }

  /** @returns undefined when the object has other parts */
  async function digested(object: StoredObject, run: Run): Promise<Digested | undefined> {
    await run.work
    const parts = objects.parts(object, 0, Number.MAX_SAFE_INTEGER)
    const isWhole =
      parts.length === run.parts.length &&
      parts.every(({ number, checksums }) => checksums[followed] === run.parts[number - 1])
    if (!isWhole) return undefined
    run.result ??= run.digests.verify(new Map())
    return run.result
  }

  return {
    follow({ id, checksum }) {
      if (checksum?.algorithm === followed) advance(id, runs.get(id) ?? begin(id))
    },
    async of(object, algorithm) {
      const run = algorithm === followed ? runs.get(object.upload ?? '') : undefined
      const known = run && (await digested(object, run))
      if (known) return known
      const digests = createDigests({}, [algorithm])
      await digest(objects.extents(object, 0, object.size), digests)
      return digests.verify(new Map())
    },
    async stop() {
      const all = [...runs.values()]
      runs.clear()
      await Promise.all(all.map(({ work }) => work))
    },
  }
}

interface Sources {
  objects: Pick<Objects, 'parts' | 'extents'>
  uploads: Pick<Uploads, 'parts'>
  blobs: Pick<Blobs, 'read'>
}

type Extents = Parameters<Blobs['read']>[0]
