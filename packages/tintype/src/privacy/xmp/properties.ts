import type { Fate } from '../exif/tags.ts'

/** A property of XMP by its namespace and its name in it. */
export interface XmpName {
  uri: string
  local: string
}

/**
 * What a property says, by its name. A namespace that is not in here counts as `other`: it may say anything. Within a
 * known one, names that speak of places and of devices are found by their words, so that a maker's next one is, too.
 */
export function fateOfName(name: XmpName): Fate {
  return judged(name).fate
}

/** Whether its text is looked through for coordinates: where it isn't numbers in the first place. */
export function isText(name: XmpName): boolean {
  return judged(name).isText
}

interface Judgement {
  fate: Fate
  isText: boolean
}

/** By namespace, then by name: most files say the same few things. Names that clients make up don't push them out. */
const judgements = new Map<string, Map<string, Judgement>>()
let known = 0
const maxKnown = 2_000

function judged(name: XmpName): Judgement {
  const { uri, local } = name
  const before = judgements.get(uri)?.get(local)
  if (before) return before
  const judgement = {
    fate: judge(name),
    isText: fateOfSpace(uri) !== 'settings' && !exempt.has(local),
  }
  if (known < maxKnown && uri.length + local.length < 200) {
    known++
    const ofSpace = judgements.get(uri) ?? new Map<string, Judgement>()
    judgements.set(uri, ofSpace.set(local, judgement))
  }
  return judgement
}

function judge({ uri, local }: XmpName): Fate {
  if (transparent.has(uri)) return local === 'about' ? 'identifiers' : 'keep'
  const fate = fateOfSpace(uri)
  if (exempt.has(local)) return fate === 'settings' ? 'keep' : (fate ?? 'other')
  if (places.test(local)) return 'location'
  if (fate === 'identifiers' || fate === 'other') return fate
  if (fate !== 'settings' && devices.test(local)) return 'identifiers'
  if (blobs.test(local)) return 'other'
  return fate === undefined ? 'other' : 'keep'
}

function fateOfSpace(uri: string): (typeof namespaces)[number][1] | undefined {
  return namespaces.find(([begins]) => uri.startsWith(begins))?.[1]
}

/** Whether long values without spaces are expected there: tables of settings, base64 of depth maps and sound. */
export function holdsData({ uri }: XmpName): boolean {
  return withData.some((begins) => uri.startsWith(begins))
}

/** XML, RDF and the wrapping of XMP. */
const transparent = new Set([
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  'http://www.w3.org/XML/1998/namespace',
  'adobe:ns:meta/',
])

const places =
  /gps|latitude|longit|altitude|location|^city$|^state$|province|country|worldregion|^geo|CiAdr|PoseHeading|earthpos/i
const devices =
  /serial|unique_?id|(?<!copyright)ownername|^owner$|guid|uuid|documentid|instanceid|device_?id|burst_?id|imei|android_?id|^identifier$|hostcomputer|imagenumber|shuttercount|fingerprint|user_?id|account|CiTelWork|digest/i
const blobs = /maker_?note|shot_?log|hdrp|thumbnail|selfdata|^privateRTKInfo$/i

/** Their words or numbers mislead: places in the picture, the owner of a licence. */
const exempt = new Set(['SubjectLocation', 'Owner', 'HasExtendedXMP', 'Rectangle'])

/** The first that a namespace begins with counts: the longer ones stand first. */
const namespaces: [begins: string, fate: 'keep' | 'settings' | 'identifiers' | 'other'][] = [
  ['http://ns.adobe.com/xap/1.0/mm/', 'identifiers'],
  ['http://ns.adobe.com/xap/1.0/sType/Resource', 'identifiers'],
  ['http://ns.adobe.com/xap/1.0/sType/ManifestItem', 'identifiers'],
  ['http://ns.adobe.com/xap/1.0/g/img/', 'other'],
  ['http://ns.adobe.com/xap/1.0/', 'keep'],
  ['http://ns.adobe.com/xmp/note/', 'keep'],
  ['http://ns.adobe.com/xmp/1.0/DynamicMedia/', 'keep'],
  ['http://ns.adobe.com/xmp/sType/', 'keep'],
  ['http://purl.org/dc/elements/1.1/', 'keep'],
  ['http://ns.adobe.com/photoshop/1.0/', 'keep'],
  ['http://ns.adobe.com/exif/1.0/', 'keep'],
  ['http://ns.adobe.com/tiff/1.0/', 'keep'],
  ['http://cipa.jp/exif/1.0/', 'keep'],
  ['http://ns.adobe.com/camera-raw-', 'settings'],
  ['http://ns.adobe.com/lightroom/1.0/', 'keep'],
  ['http://ns.adobe.com/hdr-gain-map/1.0/', 'keep'],
  ['http://ns.apple.com/HDRGainMap/1.0/', 'keep'],
  ['http://ns.apple.com/pixeldatainfo/1.0/', 'keep'],
  ['http://iptc.org/std/Iptc4xmp', 'keep'],
  ['http://ns.useplus.org/ldf/', 'settings'],
  ['http://creativecommons.org/ns#', 'keep'],
  ['http://ns.google.com/photos/', 'keep'],
  ['http://ns.google.com/videos/', 'keep'],
  ['http://www.metadataworkinggroup.com/schemas/regions/', 'keep'],
  ['http://ns.microsoft.com/photo/', 'keep'],
  ['http://www.digikam.org/ns/', 'keep'],
  ['http://ns.oplus.com/photos/', 'keep'],
  ['http://www.dji.com/drone-dji/', 'keep'],
  ['http://pix4d.com/camera/', 'keep'],
]

const withData = [
  'http://ns.adobe.com/camera-raw-',
  'http://ns.google.com/photos/1.0/depthmap/',
  'http://ns.google.com/photos/1.0/image/',
  'http://ns.google.com/photos/1.0/audio/',
  'http://ns.google.com/photos/dd/',
]
