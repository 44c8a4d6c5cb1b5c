import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayBeMedia } from './dropped-folder.ts'

const media = [
  ...[
    ['a.jpg', 'image/jpeg'],
    ['a.HEIC', ''],
    ['a.mov', ''],
    ['a.3gp', 'audio/3gpp'],
    ['a', ''],
  ],
  ...[
    ['a.dng', 'image/x-adobe-dng'],
    ['a.bin', 'application/octet-stream'],
    ['a.jpg', 'text/plain'],
  ],
  ...[
    ['a.mp4', 'application/mp4'],
    ['a.mkv', 'video/x-matroska'],
  ],
] as [string, string][]
const others = [
  ...[
    ['a.txt', 'text/plain'],
    ['a.pdf', 'application/pdf'],
    ['a.zip', 'application/zip'],
    ['a.mp3', 'audio/mpeg'],
  ],
  ...[
    ['a.js', 'text/javascript'],
    ['a.woff2', 'font/woff2'],
  ],
] as [string, string][]

test('of a dropped folder all is sent but what is surely no photo or video', () => {
  for (const [name, type] of media) assert(mayBeMedia({ name, type }), `${name} ${type}`)
  for (const [name, type] of others) assert(!mayBeMedia({ name, type }), `${name} ${type}`)
})
