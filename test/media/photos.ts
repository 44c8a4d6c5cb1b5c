import sharp from 'sharp'

export interface PhotoOptions {
  width?: number
  height?: number
  type?: `image/${'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff'}`
  /** EXIF orientation, 1 to 8. */
  orientation?: number
  /** Adds a GPS directory. */
  gps?: boolean
  /** Another picture for each. */
  seed?: number
}

/** A real picture, made on the spot: a gradient with noise, the same bytes for the same options. */
export async function photo(options: PhotoOptions = {}): Promise<Buffer> {
  const { width = 64, height = 48, type = 'image/jpeg', orientation, gps = false, seed = 1 } = options
  const pixels = Buffer.alloc(width * height * 3)
  let noise = seed
  for (let i = 0; i < pixels.length; i++) {
    noise = (Math.imul(noise, 1103515245) + 12345) & 0x7fffffff
    pixels[i] = ((((i / 3) % width) / width) * 200 + ((noise >> 16) % 40)) | 0
  }
  let picture = sharp(pixels, { raw: { width, height, channels: 3 } })
  if (orientation) picture = picture.withMetadata({ orientation })
  if (gps) {
    const position = {
      GPSLatitudeRef: 'N',
      GPSLatitude: '51/1 30/1 0/1',
      GPSLongitudeRef: 'W',
      GPSLongitude: '0/1 7/1 0/1',
    }
    picture = picture.withExifMerge({ IFD3: position })
  }
  const format = type.slice('image/'.length) as 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff'
  return picture.toFormat(format, format === 'jpeg' ? { quality: 90 } : {}).toBuffer()
}

/** So many frames of 32 x 24 pixels, each of another grey. */
export async function animation(frames: number, type: 'image/webp' | 'image/gif'): Promise<Buffer> {
  const pages = Array.from({ length: frames }, (_, i) => {
    const grey = Math.round((255 * i) / frames)
    return sharp({
      create: { width: 32, height: 24, channels: 3, background: { r: grey, g: grey, b: grey } },
    })
      .png()
      .toBuffer()
  })
  const format = type === 'image/webp' ? 'webp' : 'gif'
  return sharp(await Promise.all(pages), { join: { animated: true } })
    .toFormat(format)
    .toBuffer()
}

/** A PNG of a few bytes whose header says 64,250 x 64,250. */
export async function pixelFlood(): Promise<Buffer> {
  const { crc32 } = await import('node:zlib')
  const png = await photo({ type: 'image/png' })
  png.writeUInt32BE(64_250, 16)
  png.writeUInt32BE(64_250, 20)
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29)
  return png
}

/** A GIF of 1 x 1 pixel with so many frames, a few bytes each. */
export function frameFlood(frames: number): Buffer {
  const header = Buffer.from('47494638396101000100800000000000ffffff', 'hex')
  const frame = Buffer.from('2c00000000010001000002024401003b', 'hex').subarray(0, 15)
  return Buffer.concat([header, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])])
}
