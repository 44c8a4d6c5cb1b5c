import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clip } from '../../../../../test/media/containers.ts'
import { mediaOf } from '../../../../../test/media/media-bytes.ts'
import { keyValues, position, withBoxes } from '../../../../../test/media/private-clips.ts'
import { inspectVideo } from '../../inspect/video.ts'
import { applyEdits, fromMemory } from '../cleaning.ts'
import { planCleaning } from '../plan-cleaning.ts'

async function clean(file: Buffer) {
  const bytes = Buffer.from(file)
  const plan = () =>
    planCleaning(fromMemory(bytes), 'video/mp4', { location: 'remove', identifiers: 'remove' })
  const cleaning = await plan()
  applyEdits(bytes, cleaning.edits)
  assert.equal(bytes.length, file.length)
  assert.deepEqual(mediaOf(bytes), mediaOf(file))
  assert.deepEqual((await plan()).edits, [], 'Cleaning it twice is cleaning it once.')
  return { ...cleaning, bytes }
}

const isPrivate = /48\.8577|SN0815|Tour Eiffel/
const textOf = (bytes: Buffer) => bytes.toString('latin1')

describe("QuickTime's keys", () => {
  const harmless = {
    'com.apple.quicktime.make': 'Acme',
    'com.apple.quicktime.creationdate': '2024-05-06T07:08:09+0200',
    'com.apple.quicktime.content.identifier': '7B1E6C1F-0000-4000-8000-000000000000',
    'com.apple.quicktime.copyright': 'Me',
    'com.android.version': '14',
  }

  test('that do not fit into their box go with all that is in the same box, and readers pass over it', async () => {
    const file = withBoxes({ inMovie: [keyValues({ 'com.acme.serialNumber': 'SN0815', ...harmless })] })
    file.writeUInt32BE(9, file.lastIndexOf('keys') - 4)
    const { bytes, unsure } = await clean(file)
    assert.doesNotMatch(textOf(bytes), isPrivate)
    assert.equal(bytes.lastIndexOf('mdta'), -1)
    assert.equal(unsure, undefined)
    const read = async (start: number, end: number) => bytes.subarray(start, end)
    assert.ok((await inspectVideo({ size: bytes.length, read })).ok)
  })

  test('what is private goes with its name; the rest moves up, and keeps its names', async () => {
    const file = withBoxes({
      inMovie: [
        keyValues({
          'com.apple.quicktime.location.ISO6709': position,
          'com.acme.serialNumber': 'SN0815',
          'com.apple.quicktime.location.name': 'Tour Eiffel',
          ...harmless,
          'com.acme.where': '+48.8577+002.2950/',
        }),
      ],
    })
    const { bytes, position: where } = await clean(file)
    assert.doesNotMatch(textOf(bytes), isPrivate)
    assert.doesNotMatch(textOf(bytes), /location|serial|acme\.where/)
    assert.deepEqual(readKeyValues(bytes), harmless)
    assert.deepEqual(where, { latitude: 48.8577, longitude: 2.295, altitude: 35 })
  })

  test('a value that reaches past its item goes as well: behind it other values move up', async () => {
    const meta = keyValues({
      'com.apple.quicktime.location.ISO6709': position,
      'com.apple.quicktime.make': 'Acme',
      'com.apple.quicktime.model': 'One',
    })
    const file = withBoxes({ inMovie: [meta] })
    file.writeUInt32BE(200, file.lastIndexOf('Acme') - 16)
    assert.deepEqual(readKeyValues((await clean(file)).bytes), { 'com.apple.quicktime.model': 'One' })
  })

  test('files without anything private are left alone', async () => {
    for (const file of [
      clip('index-first.mp4'),
      clip('clip.mov'),
      withBoxes({ inMovie: [keyValues(harmless)] }),
    ]) {
      const { edits, found, unsure } = await clean(file)
      assert.deepEqual(
        { edits, found, unsure },
        { edits: [], found: { location: false, identifiers: false, other: false }, unsure: undefined },
      )
    }
  })
})

function readKeyValues(file: Buffer): Record<string, string> {
  const at = file.lastIndexOf('keys') - 4
  const names: string[] = []
  for (let place = at + 16, left = file.readUInt32BE(at + 12); left > 0; left--) {
    names.push(file.toString('utf8', place + 8, place + file.readUInt32BE(place)))
    place += file.readUInt32BE(place)
  }
  const list = file.lastIndexOf('ilst') - 4
  const values: Record<string, string> = {}
  for (let place = list + 8; place < list + file.readUInt32BE(list); place += file.readUInt32BE(place))
    values[names[file.readUInt32BE(place + 4) - 1] as string] = file.toString(
      'utf8',
      place + 24,
      place + file.readUInt32BE(place),
    )
  return values
}
