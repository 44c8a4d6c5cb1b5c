import { readFile } from 'node:fs/promises'
import {
  BufferSource,
  BufferTarget,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  MP4,
  Mp4OutputFormat,
  Output,
} from 'mediabunny'

/** A fragmented MP4, as screen recorders and browsers write it: one picture, a fragment for each second. */
export async function fragments(seconds: number): Promise<Buffer> {
  const clip = await readFile(new URL('./files/index-first.mp4', import.meta.url))
  using input = new Input({ source: new BufferSource(clip), formats: [MP4] })
  const track = await input.getPrimaryVideoTrack()
  const picture = track && (await new EncodedPacketSink(track).getFirstPacket())
  const decoderConfig = await track?.getDecoderConfig()
  if (!picture || !decoderConfig) throw new Error('The clip has no picture.')

  const target = new BufferTarget()
  const format = new Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: 0.5 })
  const output = new Output({ format, target })
  const video = new EncodedVideoPacketSource('avc')
  output.addVideoTrack(video)
  await output.start()
  for (let second = 0; second < seconds; second++) {
    await video.add(picture.clone({ timestamp: second, duration: 1 }), { decoderConfig })
  }
  await output.finalize()
  return Buffer.from(target.buffer as ArrayBuffer)
}

/**
 * A sound MP4 of about this size: two seconds of picture, and a box that players skip (`free`, ISO/IEC 14496-12,
 * 8.1.2) around which the index stands first or last.
 */
export async function largeVideo(
  bytes: number,
  { index = 'first' as 'first' | 'last' } = {},
): Promise<Buffer> {
  const clip = await readFile(new URL('./files/index-first.mp4', import.meta.url))
  const free = Buffer.alloc(bytes)
  free.writeUInt32BE(bytes)
  free.write('free', 4)
  if (index === 'first') return Buffer.concat([clip, free])
  const atEnd = await readFile(new URL('./files/index-at-end.mp4', import.meta.url))
  // Between the data and the index: offsets into the data stay true.
  const moov = atEnd.indexOf('moov') - 4
  return Buffer.concat([atEnd.subarray(0, moov), free, atEnd.subarray(moov)])
}

/**
 * The same MP4, or QuickTime movie, whose index stands last, with a place in it as phones write it: `©xyz` in the user data of the
 * movie (ISO 6709).
 */
export function withPlace(movie: Buffer, place = '+51.5000-000.1167/'): Buffer {
  const text = Buffer.from(place)
  const xyz = Buffer.alloc(12 + text.length)
  xyz.writeUInt32BE(xyz.length)
  xyz.write('\u00a9xyz', 4, 'latin1')
  xyz.writeUInt16BE(text.length, 8)
  xyz.writeUInt16BE(0x15c7, 10)
  text.copy(xyz, 12)
  const udta = Buffer.concat([Buffer.alloc(8), xyz])
  udta.writeUInt32BE(udta.length)
  udta.write('udta', 4)
  const moov = movie.lastIndexOf('moov') - 4
  const end = moov + movie.readUInt32BE(moov)
  const made = Buffer.concat([movie.subarray(0, end), udta, movie.subarray(end)])
  made.writeUInt32BE(end - moov + udta.length, moov)
  return made
}

/** With colours as some phones write them: of the kind `nclx`, without its last byte. The index has to be at the end. */
export function withShortColours(movie: Buffer): Buffer {
  const end = movie.indexOf('colrnclx') - 4 + 19
  const made = Buffer.concat([movie.subarray(0, end - 1), movie.subarray(end)])
  for (const type of ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd', 'avc1', 'colr']) {
    const at = made.indexOf(type, movie.lastIndexOf('moov'), 'latin1') - 4
    made.writeUInt32BE(made.readUInt32BE(at) - 1, at)
  }
  return made
}
