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

/** A fragmented MP4, as screen recorders and browsers write it: one picture, so many seconds, a fragment for each. */
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
