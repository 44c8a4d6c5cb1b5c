import type { Spend } from './effort.ts'

/**
 * Whether a text that people or programs wrote has coordinates in it: as numbers with their names, in degrees and
 * minutes, as a pair of decimals with four digits and more (ten metres), as ISO 6709, or in the address of a map.
 */
export function saysWhere(text: string, spend: Spend = unbounded): boolean {
  if (text.length > longest) return true
  return hint.test(text) && (!spend('letters', text.length) || patterns.some((one) => one.test(text)))
}

const unbounded: Spend = () => true

/**
 * The same for a text whose encoding nothing says: in most fields, programs write UTF-8 whatever the format's standard
 * says, others Latin-1, and Windows UTF-16. The sign of degrees is another byte in each.
 */
export function bytesSayWhere(bytes: Buffer, spend: Spend): boolean {
  const length = lengthWithoutZeros(bytes)
  if (length === 0) return false
  if (bytes.length > longest || !spend('texts', length + eachText)) return true
  return readings(bytes).some((text) => saysWhere(text, spend))
}

/** Bytes: short ones cost as much. */
const eachText = 64

function readings(bytes: Buffer): string[] {
  // Most texts end with zeros, and have none elsewhere: in UTF-16 there is one beside each digit.
  const text = bytes.subarray(0, lengthWithoutZeros(bytes))
  if (!text.includes(0)) {
    const latin1 = text.toString('latin1')
    const utf8 = text.toString('utf8')
    return latin1 === utf8 ? [latin1] : [utf8, latin1]
  }
  const asLatin1 = bytes.toString('latin1')
  const even = bytes.subarray(0, bytes.length & ~1)
  return [
    ...readings(Buffer.from(asLatin1.replaceAll('\0', ''), 'latin1')),
    // Or texts that end with a zero each.
    asLatin1.replaceAll('\0', ' '),
    even.toString('utf16le'),
    Buffer.from(even).swap16().toString('utf16le'),
  ]
}

function lengthWithoutZeros(bytes: Buffer): number {
  let length = bytes.length
  while (length > 0 && bytes[length - 1] === 0) length--
  return length
}

/** A longer text than anybody writes about a picture is not looked through. */
const longest = 64 * 1024

/** None of the patterns without one of these. */
const hint = /\d[.,]\d\d|\d\s?(?:°|º|deg)|lat|lon|lng|gps|\/\/|\$[A-Z]{5},/i

const patterns = [
  /\b(?:gps|geo)?[ _:.-]?(?:lat|latitude|lon|lng|long|longitude|longtitude)["']?\s{0,4}[=:]\s{0,4}["']?[-+]?\d/i,
  /\bgps(?:position|coordinates|latitude|longitude|info)\b/i,
  /(?<![\d.])[-+]?\d{1,2}\.\d{4,}[°\sNS]{0,3}[,;/\s]{1,3}[-+]?\d{1,3}\.\d{4,}/,
  // The same with the commas of many languages, or with letters for the directions before or behind.
  /(?<![\d.,])[-+]?\d{1,2},\d{4,}[°\sNS]{0,3}[;/|\s]{1,3}[-+]?\d{1,3},\d{4,}/,
  /(?<![a-z])[NS]\s?\d{1,2}[.,]\d{3,}°?[,;/\s]{0,3}[EWO]\s?\d{1,3}[.,]\d{3,}/i,
  /\d[.,]\d{2,}\s?[°º]\s?[NSEWO](?![a-z])/i,
  // Degrees and minutes without their signs, as receivers show them.
  /(?<![a-z])[NS]\s?\d{1,2}[°º\s]\s?\d{1,2}[.,]\d{2,}['′]?[,;/\s]{1,3}[EWO]\s?\d{1,3}[°º\s]\s?\d{1,2}[.,]\d{2,}/i,
  /(?<!\d)\d{1,2}[°º\s]\s?\d{1,2}[.,]\d{2,}['′]?\s?[NS][,;/\s]{1,3}\d{1,3}[°º\s]\s?\d{1,2}[.,]\d{2,}['′]?\s?[EWO](?![a-z])/i,
  /(?<![a-z])(?:lat|lon|lng|long|latitude|longitude)\.?\s{1,4}[-+]?\d{1,3}[.,]\d{3,}/i,
  /\$[A-Z]{2}(?:GGA|RMC|GLL|GNS),/,
  /[-+]\d{2,6}\.\d{2,}[-+]\d{3,7}\.\d{2,}/,
  /\d{1,3}\s?(?:°|º|deg)\s?\d{1,2}(?:[.,]\d+)?\s?['′’]/i,
  /\/\/(?:maps\.|(?:www\.)?google\.[a-z.]{2,6}\/maps|goo\.gl\/maps|(?:www\.)?openstreetmap\.|w3w\.co|plus\.codes)/i,
]
