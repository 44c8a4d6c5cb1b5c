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
