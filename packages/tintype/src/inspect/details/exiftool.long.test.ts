import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { KnownType } from '@tintype/protocol'
import { clip } from '../../../../../test/media/containers.ts'
import { type PhotoOptions, photo } from '../../../../../test/media/photos.ts'
import { inspectVideo } from '../video.ts'
import { readDetails } from './read-details.ts'
import { instantOf } from './time-text.ts'

/** Files as many cameras write them, made by exiftool: its answers are ours. */
const directory = mkdtempSync(join(tmpdir(), 'tintype-exiftool-'))
after(() => rmSync(directory, { recursive: true }))
const skip = isThere() ? false : 'exiftool is not installed'

function isThere(): boolean {
  try {
    execFileSync('exiftool', ['-ver'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const offsets = ['+00:00', '+01:00', '-03:30', '+05:45', '+09:00', '-11:00', '+14:00', undefined]
const fractions = ['5', '12', '007', '123456', undefined]
const cameras = [
  ['Apple', 'iPhone 15 Pro', 'iPhone 15 Pro back triple camera 6.765mm f/1.78'],
  ['Canon', 'Canon EOS R5', 'RF24-70mm F2.8 L IS USM'],
  ['NIKON CORPORATION', 'NIKON Z 6', 'NIKKOR Z 24-70mm f/4 S'],
  ['SONY', 'ILCE-7M3', 'FE 55mm F1.8 ZA'],
] as const

describe('as exiftool reads it', { skip }, () => {
  for (const type of ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/heic'] as const)
    test(`${type}: offsets, fractions, cameras and lenses`, async () => {
      const plain =
        type === 'image/heic'
          ? clip('photo.heic')
          : await photo({ width: 24, height: 16, type } as PhotoOptions)
      for (const [index, offset] of offsets.entries()) {
        const fraction = fractions[index % fractions.length]
        const [make, model, lens] = cameras[index % cameras.length] as (typeof cameras)[number]
        const { bytes, said } = written(plain, `${index}.${type.slice(6)}`, [
          `-DateTimeOriginal=20${10 + index}:0${1 + index}:28 23:5${index}:01`,
          ...(offset ? [`-OffsetTimeOriginal=${offset}`] : []),
          ...(fraction ? [`-SubSecTimeOriginal=${fraction}`] : []),
          ...[`-Make=${make}`, `-Model=${model}`, `-LensModel=${lens}`],
        ])
        const { takenAt, camera, lens: ours } = readDetails(type as KnownType, bytes)
        assert.equal(takenAt?.time, isoOf(said.SubSecDateTimeOriginal ?? said.DateTimeOriginal))
        assert.equal(
          camera,
          said.Model?.startsWith(make.split(' ')[0] ?? '') ? said.Model : `${said.Make} ${said.Model}`,
        )
        assert.equal(ours, said.LensModel)
        // Its own arithmetic, which no zone of this machine changes.
        assert.ok(Number.isFinite(instantOf(takenAt?.time ?? '')))
      }
    })

  test('XMP alone', async () => {
    const { bytes, said } = written(await photo({ width: 24, height: 16 }), 'xmp.jpg', [
      '-XMP-photoshop:DateCreated=2024:01:31 14:25:01.25+05:45',
      '-XMP-aux:Lens=50mm f/1.4',
    ])
    const { takenAt, lens } = readDetails('image/jpeg', bytes)
    assert.deepEqual(takenAt, { time: isoOf(said.DateCreated), from: 'xmp' })
    assert.equal(lens, said.Lens)
  })

  for (const name of ['clip.mov', 'index-at-end.mp4'])
    test(`${name}: keys, user data, and the header`, async () => {
      for (const [tag, shown] of [
        ['Keys:CreationDate', 'CreationDate'],
        ['ItemList:ContentCreateDate', 'ContentCreateDate'],
        ['UserData:DateTimeOriginal', 'DateTimeOriginal'],
      ] as const) {
        const { bytes, said } = written(clip(name), `${shown}-${name}`, [`-${tag}=2024:01:31 14:25:01+09:00`])
        assert.equal(await takenOf(bytes), isoOf(said[shown]), tag)
      }
      const { bytes } = written(clip(name), `header-${name}`, ['-QuickTime:CreateDate=2024:01:31 05:25:01'])
      assert.equal(await takenOf(bytes), '2024-01-31T05:25:01Z')
    })
})

async function takenOf(bytes: Buffer): Promise<string | undefined> {
  const verdict = await inspectVideo({
    size: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
  })
  return verdict.ok ? verdict.details?.takenAt?.time : undefined
}

function written(
  plain: Buffer,
  name: string,
  tags: string[],
): { bytes: Buffer; said: Record<string, string> } {
  const path = join(directory, name)
  writeFileSync(path, plain)
  execFileSync('exiftool', ['-q', '-overwrite_original', ...tags, path])
  const said = JSON.parse(execFileSync('exiftool', ['-json', path], { encoding: 'utf8' }))[0]
  return { bytes: readFileSync(path), said }
}

/** `2024:01:31 14:25:01.12+09:00` */
function isoOf(text: string | undefined): string | undefined {
  return text?.replace(/^(\d{4}):(\d\d):(\d\d) /, '$1-$2-$3T')
}
