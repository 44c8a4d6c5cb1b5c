import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KnownType } from '@tintype/protocol'
import { coloured } from '../../../../test/media/colours.ts'
import { clip } from '../../../../test/media/containers.ts'
import { bytesSource } from '../ranges/range-source.ts'
import { isPlayable } from './playable.ts'
import { readVideoTrack } from './video-tracks.ts'

const cases: [type: KnownType, video: string, sounds: (string | null)[], right: boolean][] = [
  ['video/mp4', 'avc1.64001f', ['aac'], true],
  ['video/quicktime', 'avc1.42c01e', [], true],
  ['video/mp4', 'avc3.4d401f', ['mp3'], true],
  ['video/webm', 'vp8', ['vorbis'], true],
  ['video/webm', 'vp09.00.10.08', ['opus'], true],
  ['video/webm', 'av01.0.05M.10', ['opus'], true],
  // Ten bits and 4:2:2, as cameras film.
  ['video/mp4', 'avc1.6e001f', ['aac'], false],
  ['video/mp4', 'avc1.7a0029', ['aac'], false],
  ['video/webm', 'vp09.01.10.08', [], false],
  ['video/mp4', 'hvc1.1.6.L93.B0', ['aac'], false],
  ['video/quicktime', 'apcn', ['pcm-s16'], false],
  ['video/quicktime', 'avc1.64001f', ['pcm-s16'], false],
  ['video/mp4', 'avc1.64001f', ['ac3'], false],
  ['video/mp4', 'avc1.64001f', [null], false],
  ['video/matroska', 'avc1.64001f', ['aac'], false],
]
for (const [type, video, sounds, right] of cases) {
  test(`${type} with ${video} and ${sounds.join() || 'no sound'} is ${right ? '' : 'not '}played at large`, () =>
    assert.equal(isPlayable(type, video, sounds), right))
}

const files: [
  name: string,
  bytes: Buffer,
  type: KnownType,
  codec: string,
  playable: boolean,
  rotation: number,
][] = [
  ['H.264', clip('index-at-end.mp4'), 'video/mp4', 'avc1.64000a', true, 0],
  ['turned', coloured('turned-90.mp4'), 'video/mp4', 'avc1.64000a', true, 270],
  ['H.265 with sound', clip('hevc.mp4'), 'video/mp4', 'hvc1.1.6.L30.90', false, 0],
  ['ten bits and HLG', coloured('hlg-turned.mov'), 'video/quicktime', 'hvc1.2.4.L30.90', false, 270],
  ['VP8', coloured('vp8.webm'), 'video/webm', 'vp8', true, 0],
  ['VP9', coloured('vp9.webm'), 'video/webm', 'vp09.00.10.08', true, 0],
  ['AV1', coloured('av1.mp4'), 'video/mp4', 'av01.0.00M.08', true, 0],
  ['ProRes', coloured('prores.mov'), 'video/quicktime', 'apco', false, 0],
]
for (const [name, bytes, type, codec, playable, rotation] of files) {
  test(`the codec of a file in ${name}`, async () => {
    const { width, height, ...track } = (await readVideoTrack(bytesSource(bytes), type)) ?? {}
    assert.deepEqual(track, { codec, playable, rotation })
    assert.ok(width && height)
  })
}
