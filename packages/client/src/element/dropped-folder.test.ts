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

/** A folder as Chromium gives it: some entries, then all others. */
function folder(name: string, entries: FileSystemEntry[]): FileSystemDirectoryEntry {
  const createReader = () => {
    const batches = [entries.slice(0, 1), entries.slice(1)]
    return { readEntries: (give: (batch: FileSystemEntry[]) => void) => give(batches.shift() ?? []) }
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

test('of a large folder some files are opened at a time', async () => {
  let open = 0
  let most = 0
  const one = (name: string) => ({
    name,
    isDirectory: false,
    file(give: (file: File) => void) {
      most = Math.max(most, ++open)
      setImmediate(() => {
        open--
        give(new File([], name))
      })
    },
  })
  const many = Array.from({ length: 1000 }, (_, n) => one(`${n}.jpg`) as unknown as FileSystemEntry)
  const files = await readFolder(folder('many', many), ({ reason }) => assert.fail(reason))
  assert.equal(files.length, 1000)
  assert(most <= 100, `${most} at a time`)
})
