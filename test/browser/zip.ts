/** One file of an archive. */
export interface ZipEntry {
  name: string
  /** As clocks showed it, of this machine's zone; to 2 seconds. */
  modified: Date
  content: Buffer
}

/** What is in a ZIP archive whose files are stored as they are, in the order of its directory. */
export function readZip(zip: Buffer): ZipEntry[] {
  const end = zip.lastIndexOf('PK\x05\x06')
  const entries: ZipEntry[] = []
  let at = zip.readUInt32LE(end + 16)
  for (let n = zip.readUInt16LE(end + 10); n > 0; n--) {
    const [time, date] = [zip.readUInt16LE(at + 12), zip.readUInt16LE(at + 14)]
    const [size, name, extra, comment] = [
      zip.readUInt32LE(at + 24),
      ...[28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)),
    ] as [number, number, number, number]
    const local = zip.readUInt32LE(at + 42)
    const content = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    entries.push({
      name: zip.toString('utf8', at + 46, at + 46 + name),
      modified: new Date(
        ...([1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31] as const),
        ...([time >> 11, (time >> 5) & 63, (time & 31) * 2] as const),
      ),
      content: zip.subarray(content, content + size),
    })
    at += 46 + name + extra + comment
  }
  return entries
}
