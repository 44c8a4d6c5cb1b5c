/** What a phone of Samsung's appends to a picture: blocks, and a directory of them. */
export function samsungTrailer(blocks: { type?: number; name: string; data: Buffer }[]): Buffer {
  const parts = blocks.map(({ type = 0x0a01, name, data }) => {
    const head = Buffer.alloc(8)
    head.writeUInt16LE(type, 2)
    head.writeUInt32LE(name.length, 4)
    return { type, bytes: Buffer.concat([head, Buffer.from(name, 'latin1'), data]) }
  })
  let before = parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const entries = parts.map(({ type, bytes }) => {
    const entry = { type, before, length: bytes.length }
    before -= bytes.length
    return entry
  })
  return Buffer.concat([...parts.map(({ bytes }) => bytes), samsungDirectory(entries)])
}

/** The directory alone, which may speak of what is not there. `before`: bytes from a block's beginning to the directory. */
export function samsungDirectory(entries: { type: number; before: number; length: number }[]): Buffer {
  const directory = Buffer.alloc(12 + entries.length * 12)
  directory.write('SEFH')
  directory.writeUInt32LE(106, 4)
  directory.writeUInt32LE(entries.length, 8)
  for (const [index, { type, before, length }] of entries.entries()) {
    const at = 12 + index * 12
    directory.writeUInt16LE(type, at + 2)
    directory.writeUInt32LE(before, at + 4)
    directory.writeUInt32LE(length, at + 8)
  }
  const tail = Buffer.from('\0\0\0\0SEFT')
  tail.writeUInt32LE(directory.length)
  return Buffer.concat([directory, tail])
}
