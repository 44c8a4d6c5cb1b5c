import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecName } from './codecs.ts'
import { readTracks } from './webm-tracks.ts'

const element = (id: string, bytes: Buffer) =>
  Buffer.concat([Buffer.from(id, 'hex'), Buffer.of(0x80 | bytes.length), bytes])

/** A track as muxers write codecs that Matroska has no name for. */
function windowsTrack(header: Buffer): Buffer {
  const kind = element('83', Buffer.of(1))
  const codec = element('86', Buffer.from('V_MS/VFW/FOURCC'))
  return element('ae', Buffer.concat([kind, element('63a2', header), codec]))
}

for (const [letters, name] of [
  ['FFV1', 'FFV1'],
  ['DIV3', 'DivX 3'],
  ['zz', 'a codec that is not known here (zz)'],
  ['', 'an old codec for Windows'],
] as const) {
  test(`a codec of Video for Windows goes by its four letters: ${letters || 'none'}`, () => {
    const [track] = readTracks(windowsTrack(Buffer.from(`${'\0'.repeat(16)}${letters}`, 'latin1')))
    assert.equal(track?.kind, 'video')
    assert.equal(codecName(track?.codec ?? ''), name)
  })
}
