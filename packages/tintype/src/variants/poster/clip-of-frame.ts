import { createRequire } from 'node:module'
import type { EncodedPacket, InputVideoTrack } from 'mediabunny'

const { BufferTarget, EncodedVideoPacketSource, MovOutputFormat, Output } = createRequire(import.meta.url)(
  'mediabunny',
) as typeof import('mediabunny')

/**
 * A QuickTime file of one key frame and nothing else: what another decoder is given, which so has neither the rest of the
 * file nor its metadata to stumble over, and needs no file to seek in.
 *
 * @returns undefined for a codec that QuickTime has no name for
 */
export async function clipOfFrame(
  track: InputVideoTrack,
  packet: EncodedPacket,
): Promise<Uint8Array | undefined> {
  const codec = await track.getCodec()
  const decoderConfig = await track.getDecoderConfig()
  const format = new MovOutputFormat({ fastStart: 'in-memory' })
  if (!codec || !decoderConfig || !format.getSupportedVideoCodecs().includes(codec)) return undefined
  const target = new BufferTarget()
  const output = new Output({ format, target })
  const video = new EncodedVideoPacketSource(codec)
  output.addVideoTrack(video)
  await output.start()
  await video.add(packet.clone({ timestamp: 0, duration: 0.1 }), { decoderConfig })
  await output.finalize()
  return target.buffer ? new Uint8Array(target.buffer) : undefined
}
