import type { EncodedPacket, InputVideoTrack } from 'mediabunny'
import { EncodedPacketSink } from '../../ranges/open-video.ts'

/** Key frames that are looked at, at the most: each costs a range of the file, and its decoding. */
const mostTries = 5

/**
 * The key frames among which the poster is looked for, the first one first: many videos begin in black. Those behind it
 * are found by the index.
 *
 * @param seconds of the whole video
 */
export async function* keyFrames(track: InputVideoTrack, seconds: number): AsyncGenerator<EncodedPacket> {
  const sink = new EncodedPacketSink(track)
  const first = await sink.getFirstKeyPacket()
  if (!first) return
  yield first
  const tried = new Set([first.sequenceNumber])
  const times = [1, ...[0.1, 0.3, 0.6, 0.9].map((part) => seconds * part)].sort((a, b) => a - b)
  for (const time of times) {
    const packet = time < seconds ? await sink.getKeyPacket(first.timestamp + time) : null
    if (!packet || tried.has(packet.sequenceNumber)) continue
    tried.add(packet.sequenceNumber)
    yield packet
    if (tried.size === mostTries) return
  }
}

/** What follows a key frame, in the order of decoding. */
export async function* following(track: InputVideoTrack, key: EncodedPacket): AsyncGenerator<EncodedPacket> {
  const sink = new EncodedPacketSink(track)
  for (let next = await sink.getNextPacket(key); next; next = await sink.getNextPacket(next)) {
    yield next
  }
}
