import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayBeMedia, readFolder } from './dropped-folder.ts'

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

/** A folder as browsers give it, with its entries one at a time. */
function folder(name: string, entries: FileSystemEntry[]): FileSystemDirectoryEntry {
  const createReader = () => {
    const left = [...entries]
    return { readEntries: (give: (batch: FileSystemEntry[]) => void) => give(left.splice(0, 1)) }
  }
  return { name, isDirectory: true, createReader } as unknown as FileSystemDirectoryEntry
}
const file = (name: string) =>
  ({ name, isDirectory: false, file: (give: (file: File) => void) => give(new File([], name)) }) as never

test('the files of a folder come in the order of their names, whatever the order of the system is', async () => {
  const trip = folder('trip', [
    file('IMG_10.jpg'),
    folder('evening', [file('b.jpg'), file('a.jpg')]),
    file('IMG_9.jpg'),
  ])
  const files = await readFolder(trip, ({ reason }) => assert.fail(reason))
  assert.deepEqual(
    files.map((one) => one instanceof File && one.name),
    ['a.jpg', 'b.jpg', 'IMG_9.jpg', 'IMG_10.jpg'],
  )
})
