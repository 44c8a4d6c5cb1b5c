import type { PlacedBox } from '../../metadata/boxes.ts'
import type { Found } from '../cleaning.ts'

/** What a `uuid` box holds, by its first sixteen bytes. */
export type UuidContent = 'xmp' | 'exif' | 'credentials' | 'canon' | 'harmless' | keyof Found

export function uuidContent(bytes: Buffer, { start, end }: PlacedBox): UuidContent {
  return known[bytes.toString('hex', start, Math.min(start + 16, end))] ?? 'other'
}

const known: Record<string, UuidContent> = {
  be7acfcb97a942e89c71999491e3afac: 'xmp',
  // "JpgTiffExif->JP2"
  '4a706754696666457869662d3e4a5032': 'exif',
  '0537cdab9d0c4431a72afa561f2a113e': 'exif',
  d8fec3d61b0e483c92975828877ec481: 'credentials',
  // Canon: boxes with a thumbnail, directories of Exif, and its maker note.
  '85c0b687820f11e08111f4ce462b6a48': 'canon',
  // Where a Garmin and a 360fly have been; the serial number of a Flip.
  '9b630f8d637440ec8204bc5ff5091728': 'location',
  efe1589abb7749ef809527759eb1dc6f: 'location',
  '4ab03b0f618d407582b2d9faced35ff5': 'identifiers',
  // Sony's profile and titles.
  '50524f4621d24fcebb88695cfac9c740': 'harmless',
  '55534d5421d24fcebb88695cfac9c740': 'harmless',
  // How a panorama is to be shown.
  ffcc8263f8554a938814587a02521fdd: 'harmless',
  // Smooth Streaming and protection: players need them.
  '6d1d9b0542d544e680e2141daff757b2': 'harmless',
  d4807ef2ca3946958e5426cb9e46a79f: 'harmless',
  a2394f525a9b4f14a2446c427c648df4: 'harmless',
  d08a4f1810f34a82b6c832d8aba183d3: 'harmless',
  '8974dbce7be74c5184f97148f9882554': 'harmless',
}
