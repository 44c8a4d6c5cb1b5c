import type { SamsungBlock } from '../../metadata/samsung-trailer.ts'
import type { Findings } from '../findings.ts'
import { bytesSayWhere } from '../says-where.ts'
import { cleanJpegPicture } from './picture.ts'

export function cleanSamsungBlock(
  bytes: Buffer,
  { name, start, end }: SamsungBlock,
  findings: Findings,
): void {
  const data = bytes.subarray(start, end)
  if (data.toString('latin1', 4, 8) === 'ftyp') {
    findings.embed({ type: 'video/mp4', offset: start, length: end - start })
  } else if (data.length > 3 && data.readUIntBE(0, 3) === 0xffd8ff) {
    const length = cleanJpegPicture(data, findings.at(start))
    if (data.subarray(length).some((byte) => byte !== 0))
      findings.erase('other', start + length, data.length - length)
  } else if (
    data.some((byte) => byte !== 0) &&
    (!harmless.test(name) || bytesSayWhere(data, findings.spend))
  ) {
    findings.erase(name === countryCode ? 'location' : 'other', start, end - start)
  }
}

/** Of the network that the phone was in. */
const countryCode = 'MCC_Data'

/** The date, how the camera was set, what belongs to a motion photo. */
const harmless =
  /^(Image_UTC_Data|MotionPhoto_\w*|Camera_Capture_Mode_Info|Camera_Scene_Info|Color_Display_P3|Photo_HDR_Info|Single_Shot_\w*|DualShot_\w*|SoundShot_\w*)$/

/** The last bytes of Huawei's and Honor's motion photos: the clip's length, as text. */
export function isLiveTrailer(rest: Buffer): boolean {
  return (
    rest.length <= 80 && /^(?:v\d_f\d+[ \0]*)?(?:\d+:\d+[ \0]*)?LIVE_\d+[ \0]*$/.test(rest.toString('latin1'))
  )
}
