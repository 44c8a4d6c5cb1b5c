// biome-ignore-all lint/suspicious/noControlCharactersInRegex: bytes of files, in Latin-1

/**
 * Types that are refused, by their first bytes in Latin-1; the first that fits. It is for a sentence to people and nothing
 * else: what is taken is decided by `sniff`.
 */
const signatures: readonly (readonly [start: RegExp, type: string])[] = [
  [/^%PDF/, 'application/pdf'],
  [/^%!PS/, 'application/postscript'],
  // Office Open XML (ECMA-376, part 2) is a ZIP archive: known by a folder in it.
  [
    /^(?=PK\x03\x04).*?PK\x03\x04.{26}word\//s,
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  ],
  [
    /^(?=PK\x03\x04).*?PK\x03\x04.{26}xl\//s,
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ],
  [
    /^(?=PK\x03\x04).*?PK\x03\x04.{26}ppt\//s,
    'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  ],
  [/^PK(\x03\x04|\x05\x06|\x07\x08)/, 'application/zip'],
  [/^\x1f\x8b/, 'application/gzip'],
  [/^BZh\d/, 'application/x-bzip2'],
  [/^\xfd7zXZ\0/, 'application/x-xz'],
  [/^\(\xb5\/\xfd/, 'application/zstd'],
  [/^.{257}ustar/s, 'application/x-tar'],
  [/^7z\xbc\xaf\x27\x1c/, 'application/x-7z-compressed'],
  [/^Rar!\x1a\x07/, 'application/vnd.rar'],
  [/^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/, 'application/x-cfb'],
  [/^\x7fELF/, 'application/x-elf'],
  [/^(\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)/, 'application/x-mach-binary'],
  // Two letters begin many a text: its header has zeros (PE format, MS-DOS header).
  [/^MZ.{0,60}\0/s, 'application/x-msdownload'],
  [/^.{4}ftyp(M4[ABP]|F4[AB]) /s, 'audio/x-m4a'],
  [/^.{4}ftypcrx /s, 'image/x-canon-cr3'],
  [/^\0\0\0\x0cjP {2}\r\n\x87\n/, 'image/jp2'],
  [/^RIFF.{4}WAVE/s, 'audio/wav'],
  [/^RIFF.{4}AVI /s, 'video/vnd.avi'],
  [/^FORM.{4}AIF[FC]/s, 'audio/aiff'],
  [/^#!AMR/, 'audio/amr'],
  [/^fLaC/, 'audio/flac'],
  [/^OggS.{24}\x80theora/s, 'video/ogg'],
  [/^OggS/, 'audio/ogg'],
  // A sync word of eleven bits, then version and layer: layer 0 is ADTS, and FF FE the beginning of text in UTF-16.
  [/^(ADIF|\xff[\xf0\xf1\xf8\xf9])/, 'audio/aac'],
  [/^(ID3|\xff[\xe2\xe3\xf2\xf3\xfa-\xfd])/, 'audio/mpeg'],
  // Raw pictures are TIFF by their structure. Some have a mark. Of others the first directory is at byte 8, begins by saying that its
  // picture is a small one (tag 254), and names the maker, as a TIFF does that was made of such a picture.
  [/^II\*\0.{4}CR/s, 'image/x-canon-cr2'],
  [/^(IIR[OS]|MMOR)/, 'image/x-olympus-orf'],
  [/^IIU\0/, 'image/x-panasonic-rw2'],
  [/^FUJIFILMCCD-RAW/, 'image/x-fujifilm-raf'],
  // Tag 50706, DNGVersion: four bytes, in both orders.
  [/^(II\*\0.*\x12\xc6\x01\0\x04\0\0\0|MM\0\*.*\xc6\x12\0\x01\0\0\0\x04)/s, 'image/x-adobe-dng'],
  [
    /^(II\*\0\x08\0{3}..\xfe\0\x04\0\x01\0{3}\x01|MM\0\*\0{3}\x08..\0\xfe\0\x04\0{3}\x01\0{3}\x01).*NIKON/s,
    'image/x-nikon-nef',
  ],
  [/^II\*\0\x08\0{3}..\xfe\0\x04\0\x01\0{3}\x01.*SONY/s, 'image/x-sony-arw'],
  [/^(II\*\0|MM\0\*)/, 'image/tiff'],
  // The size of its second header is at byte 14.
  [/^BM.{12}[\x0c\x10(4@8l|]\0{3}/s, 'image/bmp'],
  [/^8BPS/, 'image/vnd.adobe.photoshop'],
  [/^\0\0\x01\0/, 'image/x-icon'],
  [/^\0\0\x01[\xb3\xba]/, 'video/mpeg'],
  [/^G.{187}G/s, 'video/mp2t'],
  [/^FLV\x01/, 'video/x-flv'],
  [/^0&\xb2u\x8ef\xcf\x11/, 'application/vnd.ms-asf'],
  // Text in UTF-16 that begins with letters of ASCII.
  [/^(\xff\xfe([\t\n\r -~]\0)+|\xfe\xff(\0[\t\n\r -~])+)/, 'text/plain'],
]

/** @returns what a file seems to be that is taken for none of ours */
export function otherType(head: Uint8Array): string | undefined {
  const start = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1')
  return signatures.find(([pattern]) => pattern.test(start))?.[1]
}
