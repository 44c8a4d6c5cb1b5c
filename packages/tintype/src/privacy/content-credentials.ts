import type { Found } from './cleaning.ts'

/**
 * What a C2PA manifest says that may have to go: places or serial numbers in its assertions, or thumbnails of the
 * pictures that this one was made of. Its texts lie in it as they are, in JSON or CBOR.
 */
export function kindOfManifest(content: Buffer): keyof Found | undefined {
  const text = content.toString('latin1')
  if (places.test(text)) return 'location'
  if (devices.test(text)) return 'identifiers'
  return hidden.test(text) ? 'other' : undefined
}

const places =
  /GPS(?:Latitude|Longitude|Altitude|Position)|[^a-z](?:latitude|longitude)[^a-z]|LocationCreated|LocationShown|Iptc4xmpExt:City/i
const devices = /Serial_?Number|CameraOwnerName|ImageUniqueID/i
/** Thumbnails of ingredients, and boxes that are compressed. */
const hidden = /thumbnail\.ingredient|brob/

/** Whether a JUMBF superbox (ISO/IEC 19566-5) is a C2PA manifest store: its description says so by a type of its own. */
export function isManifestStore(box: Buffer): boolean {
  return box.toString('latin1', 12, 16) === 'jumd' && box.toString('latin1', 16, 20) === 'c2pa'
}
