import { type ExifDirectory, exifBlock } from './exif.ts'

/** What a file must not tell, made up, and unlikely to be in any file by chance. */
export const secrets = {
  serial: 'SN7391824650',
  lensSerial: 'LS5550017733',
  owner: 'Olivia Ownerby',
  uniqueId: '5e7d9c3fb1a84e62a0d1c7f3b2964e08',
  city: 'Xanthopolis',
}

export const position = { latitude: 51.507351, longitude: -0.127758 }

/** The same position as Exif has it, with an odd divisor: seconds whose bytes are found nowhere by chance. */
const latitude: [number, number][] = [
  [51, 1],
  [30, 1],
  [264_783, 10_007],
]
const longitude: [number, number][] = [
  [0, 1],
  [7, 1],
  [399_569, 10_009],
]

export const gpsDirectory: ExifDirectory = [
  [0x0000, 1, [2, 3, 0, 0]],
  [0x0001, 2, 'N'],
  [0x0002, 5, latitude],
  [0x0003, 2, 'W'],
  [0x0004, 5, longitude],
  [0x001d, 2, '2026:11:28'],
]

/** What stays: how the picture stands, when and with what it was taken, whose work it is. */
export const harmless = {
  make: 'Tintype Cameras',
  model: 'TC-1',
  date: '2026:11:28 12:34:56',
  offset: '+09:00',
  lens: 'Some Lens 50mm F1.8',
  artist: 'Ansel Example',
  copyright: '(c) 2026 Ansel Example',
}

/** As a camera writes it, with a position, serial numbers, and a thumbnail. */
export function privateExif({
  orientation = 6,
  littleEndian = true,
  thumbnail = Buffer.from('ffd8ffe000104a464946', 'hex'),
  make = harmless.make,
  makerNote = Buffer.from(`TC-NOTE\0${secrets.serial}`, 'latin1') as Buffer,
} = {}): Buffer {
  return exifBlock(
    [
      [0x010f, 2, make],
      [0x0110, 2, harmless.model],
      [0x0112, 3, [orientation]],
      [0x013b, 2, harmless.artist],
      [0x013c, 2, `laptop of ${secrets.owner}`],
      [0x8298, 2, harmless.copyright],
      [
        0x8769,
        4,
        [
          [0x829a, 5, [[1, 250]]],
          [0x9003, 2, harmless.date],
          [0x9011, 2, harmless.offset],
          [0x927c, 7, makerNote],
          [0xa420, 2, secrets.uniqueId],
          [0xa430, 2, secrets.owner],
          [0xa431, 2, secrets.serial],
          [0xa434, 2, harmless.lens],
          [0xa435, 2, secrets.lensSerial],
        ],
      ],
      [0x8825, 4, gpsDirectory],
    ],
    {
      littleEndian,
      ifd1: [
        [0x0103, 3, [6]],
        [0x0201, 4, thumbnail],
        [0x0202, 4, [thumbnail.length]],
      ],
    },
  )
}

/** As programs write it: attributes, elements, structures; with a gain map, which is to stay. */
export function privateXmp(): string {
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 6.0.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="uuid:${secrets.uniqueId}"
    xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"
    xmlns:exifEX="http://cipa.jp/exif/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:drone="http://www.dji.com/drone-dji/1.0/"
    xmlns:maker="http://maker.example/secret/"
    exif:GPSLatitude="51,30.441N" exif:GPSLongitude='0,7.665W' aux:SerialNumber="${secrets.serial}"
    hdrgm:Version="1.0" xmp:CreateDate="2026-11-28T12:34:56+09:00" xmpMM:DocumentID="${secrets.uniqueId}"
    maker:blob="${secrets.serial}">
   <exifEX:LensSerialNumber>${secrets.lensSerial}</exifEX:LensSerialNumber>
   <aux:OwnerName><![CDATA[${secrets.owner}]]></aux:OwnerName>
   <photoshop:City>${secrets.city}</photoshop:City>
   <drone:GpsLatitude>+51.507351</drone:GpsLatitude>
   <dc:creator><rdf:Seq><rdf:li>Jürgen Example</rdf:li></rdf:Seq></dc:creator>
   <dc:subject><rdf:Bag><rdf:li>bridge</rdf:li><rdf:li>geo:lat=51.507351</rdf:li></rdf:Bag></dc:subject>
   <xmpMM:History><rdf:Seq><rdf:li stEvt:instanceID="${secrets.uniqueId}"/></rdf:Seq></xmpMM:History>
   <xmp:Thumbnails><rdf:Alt><rdf:li>/9j/4AAQ</rdf:li></rdf:Alt></xmp:Thumbnails>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`
}

/** The secrets that are in these bytes: as text of 8 and 16 bits, as decimals, and as the fractions of Exif. */
export function leaks(bytes: Uint8Array): string[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const texts = [...Object.values(secrets), '51.5073', '0.12775', '51,30.4', '0,7.66']
  const found = texts.filter((text) => {
    const wide = Buffer.from(text, 'utf16le')
    return [text, wide, Buffer.from(wide).swap16()].some((form) => all.includes(form))
  })
  for (const [number, divisor] of [latitude[2], longitude[2]] as [number, number][]) {
    const little = Buffer.alloc(8)
    little.writeUInt32LE(number, 0)
    little.writeUInt32LE(divisor, 4)
    const big = Buffer.concat([
      Buffer.from(little.subarray(0, 4)).swap32(),
      Buffer.from(little.subarray(4)).swap32(),
    ])
    if (all.includes(little) || all.includes(big)) found.push(`${number}/${divisor}`)
  }
  return found
}
