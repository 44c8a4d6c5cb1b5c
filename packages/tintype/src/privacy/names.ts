import type { Found } from './cleaning.ts'
import { readIso6709 } from './iso6709.ts'
import { saysWhere } from './says-where.ts'

/**
 * What a field of a free name holds, by its name: a key of QuickTime, a tag of Matroska, an attribute of a camera's XML.
 */
export function kindOfName(name: string): keyof Found | undefined {
  if (kept.test(name)) return undefined
  if (location.test(name)) return 'location'
  if (identifiers.test(name)) return 'identifiers'
  return undefined
}

/** What a text holds by itself, whatever its name: coordinates. */
export function kindOfText(text: string): keyof Found | undefined {
  return readIso6709(text) || saysWhere(text) ? 'location' : undefined
}

const location =
  /location|iso6709|gps(?!m)|gnss|latitude|longitude|altitude|geo(?!metr|b)|nmea|direction[._]?(facing|motion)|(^|[._:])(city|country|place|sublocation)|(^|[._: ])(lat|lon|lng)$/i

const identifiers =
  /serial|identifier|(^|[^a-z])u?uid|umid|guid|gumi|imei|meid|owner|account|e-?mail|user([._]?(name|id)|$)|device[._]?(id|name)|camera[._]?id|mac[._]?addr|phone[._]?number|ssid|purchase|(^|[._: ]|camera|body|lens|device|drone)[._ -]?s\/?n$/i

/**
 * A Live Photo's parts know each other by a number that is drawn anew for each (`content.identifier`), and aren't one
 * without it. A rating is what its viewers think of it.
 */
const kept = /content\.identifier$|rating\.user$|recorded_device|variation-identifier$/i
