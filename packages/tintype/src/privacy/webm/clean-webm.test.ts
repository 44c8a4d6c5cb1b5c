import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { asRecording } from '../../../../../test/media/containers.ts'
import { leaks } from '../../../../../test/media/secrets.ts'
import { elementAt, elementsIn, ids, vint } from '../../metadata/ebml.ts'
import { applyEdits, type CleaningSource, fromMemory } from '../cleaning.ts'
import { planCleaning } from '../plan-cleaning.ts'

const own = (name: string) =>
  readFileSync(new URL(`../../../../../test/media/private/${name}`, import.meta.url))

async function clean(file: Buffer, source: CleaningSource = fromMemory(file)) {
  const cleaning = await planCleaning(source, 'video/webm', { location: 'remove', identifiers: 'remove' })
  const bytes = Buffer.from(file)
  applyEdits(bytes, cleaning.edits)
  return { ...cleaning, bytes }
}

/** An element with a size of eight bytes. */
function element(id: number, content: Buffer): Buffer {
  const name = Buffer.from(id.toString(16).padStart(id > 0xffff ? 8 : id > 0xff ? 4 : 2, '0'), 'hex')
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE((1n << 56n) | BigInt(content.length))
  return Buffer.concat([name, size, content])
}

/** The parts of a WebM: what comes before its clusters, these, and what comes behind. */
function parts(file: Buffer) {
  const header = vint(file, 4) as { value: number; end: number }
  const segment = elementAt(file, header.end + header.value) as { start: number }
  const starts: { id: number; at: number }[] = []
  let at = segment.start
  for (const { id, end } of elementsIn(file, segment.start, file.length)) {
    starts.push({ id, at })
    at = end
  }
  const place = (wanted: number) => (starts.find(({ id }) => id === wanted) as { at: number }).at
  const tags = starts.findIndex(({ id }) => id === 0x1254c367)
  return {
    ebml: file.subarray(0, header.end + header.value),
    info: file.subarray(place(ids.info), place(ids.tracks)),
    tracks: file.subarray(place(ids.tracks), starts[starts.findIndex(({ id }) => id === ids.tracks) + 1]?.at),
    tags: file.subarray(starts[tags]?.at, starts[tags + 1]?.at),
    cluster: file.subarray(place(ids.cluster), place(ids.cues)),
  }
}

describe('a WebM', () => {
  const file = own('clip.webm')
  const { ebml, info, tracks, tags, cluster } = parts(file)
  const seek = (target: number, id: number) => {
    const position = Buffer.alloc(8)
    position.writeBigUInt64BE(BigInt(target))
    const name = Buffer.from(id.toString(16), 'hex')
    return element(
      ids.seekHead,
      element(0x4dbb, Buffer.concat([element(ids.seekId, name), element(ids.seekPosition, position)])),
    )
  }
  const beginning = Buffer.concat([info, tracks])

  test('whose tags come last loses what is private in them', async () => {
    const content = Buffer.concat([beginning, cluster, tags])
    const { bytes, unsure } = await clean(Buffer.concat([ebml, element(ids.segment, content)]))
    assert.equal(unsure, undefined)
    assert.deepEqual(leaks(bytes), [])
  })

  test('of many clusters is not stepped through: its index says where its tags are', async () => {
    const clusters = Array.from({ length: 1000 }, () => cluster)
    const length = seek(0, 0x1254c367).length + beginning.length + clusters.length * cluster.length
    const content = Buffer.concat([seek(length, 0x1254c367), beginning, ...clusters, tags])
    const whole = Buffer.concat([ebml, element(ids.segment, content)])
    let reads = 0
    const read = async (start: number, end: number) => {
      reads++
      return whole.subarray(start, end)
    }
    const { bytes, unsure } = await clean(whole, { size: whole.length, read })
    assert.equal(unsure, undefined)
    assert.ok(reads <= 120, `${reads} reads`)
    assert.deepEqual(leaks(bytes), [])
  })

  test('as a browser records it has tags at its end found, too', async () => {
    const live = asRecording(
      Buffer.concat([ebml, element(ids.segment, Buffer.concat([beginning, cluster, tags]))]),
    )
    assert.deepEqual(leaks((await clean(live)).bytes), [])
    const unknown = Buffer.concat([
      cluster.subarray(0, 4),
      Buffer.from('01ffffffffffffff', 'hex'),
      cluster.subarray(elementAt(cluster, 0)?.start),
    ])
    const endless = asRecording(
      Buffer.concat([ebml, element(ids.segment, Buffer.concat([beginning, unknown, tags]))]),
    )
    const { bytes, unsure } = await clean(endless)
    assert.equal(unsure, undefined)
    assert.deepEqual(leaks(bytes), [])
  })

  test('what a camera put behind its end becomes an element that players pass over', async () => {
    const { bytes, unsure } = await clean(Buffer.concat([file, Buffer.from('BEHIND SN7391824650')]))
    assert.equal(unsure, undefined)
    assert.deepEqual(leaks(bytes), [])
  })

  test('pictures behind what a damaged segment calls its end are left alone', async () => {
    const short = Buffer.from(file)
    const header = vint(file, 4) as { value: number; end: number }
    const size = header.end + header.value + 4
    short.writeBigUInt64BE((1n << 56n) | 120n, size)
    const { bytes, unsure } = await clean(short)
    assert.match(unsure ?? '', /damaged/)
    assert.ok(bytes.includes(cluster))
  })
})

describe('texts in a Matroska', () => {
  const file = own('clip.webm')
  const { ebml, info, tracks, cluster } = parts(file)
  const text = (id: number, value: string) => element(id, Buffer.from(value))
  const whole = (...more: Buffer[]) =>
    Buffer.concat([ebml, element(ids.segment, Buffer.concat([info, tracks, ...more, cluster]))])
  const where = '51.507351, -0.127758'

  test('with coordinates go: chapters, names of tracks, titles, and values that are no text', async () => {
    const display = (value: string) => element(0x80, text(0x85, value))
    const chapters = element(
      0x1043a770,
      element(
        0x45b9,
        Buffer.concat([element(0xb6, display(where)), element(0xb6, element(0xb6, display('Beach')))]),
      ),
    )
    const binary = element(
      0x1254c367,
      element(0x7373, element(0x67c8, Buffer.concat([text(0x45a3, 'X'), text(0x4485, 'SN7391824650')]))),
    )
    const more = Buffer.concat([
      element(ids.info, text(0x7ba9, where)),
      element(ids.tracks, element(ids.trackEntry, text(0x536e, where))),
    ])
    const { bytes, found, unsure } = await clean(whole(chapters, binary, more))
    assert.deepEqual(leaks(bytes), [])
    assert.ok(bytes.includes('Beach') && found.location && found.other)
    assert.equal(unsure, undefined)
  })

  test('that are subtitles lie among the pictures, and are told', async () => {
    const subtitles = element(ids.tracks, element(ids.trackEntry, text(ids.codecId, 'S_TEXT/UTF8')))
    assert.match((await clean(whole(subtitles))).unsure ?? '', /subtitles/)
  })
})
