/** What a picture inside of another file is, by its first bytes: of the formats that are cleaned. */
export function pictureType(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, 12)
  return heads.find(([pattern]) => pattern.test(head))?.[1]
}

const heads: [RegExp, string][] = [
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^\x89PNG\r\n/, 'image/png'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF.{4}WEBP/s, 'image/webp'],
]
