/**
 * Common names of codecs that are not accepted, by the four letters of an MP4 or QuickTime sample description
 * (https://mp4ra.org/registered-types/sampleentries) or by Matroska's codec id (RFC 9559). Browsers play none of them.
 */
const names: Record<string, string> = {
  mp4v: 'MPEG-4 Visual (DivX, Xvid)',
  'mp4v.20': 'MPEG-4 Visual (DivX, Xvid)',
  'mp4v.6a': 'MPEG-1',
  'mp4v.6c': 'Motion JPEG',
  'mp4v.6d': 'PNG frames',
  s263: 'H.263',
  h263: 'H.263',
  jpeg: 'Motion JPEG',
  mjpa: 'Motion JPEG',
  mjpb: 'Motion JPEG',
  mjpg: 'Motion JPEG',
  mjp2: 'Motion JPEG 2000',
  cvid: 'Cinepak',
  svq1: 'Sorenson Video',
  svq3: 'Sorenson Video 3',
  rle: 'QuickTime Animation',
  smc: 'QuickTime Graphics',
  rpza: 'Apple Video',
  raw: 'uncompressed video',
  '2vuy': 'uncompressed video',
  yuv2: 'uncompressed video',
  v210: 'uncompressed video',
  png: 'PNG frames',
  icod: 'Apple Intermediate Codec',
  avdn: 'Avid DNxHD',
  avdh: 'Avid DNxHR',
  cfhd: 'GoPro CineForm',
  'vc-1': 'VC-1',
  ovc1: 'VC-1',
  wmv3: 'Windows Media Video',
  xvid: 'MPEG-4 Visual (DivX, Xvid)',
  divx: 'MPEG-4 Visual (DivX, Xvid)',
  m2v1: 'MPEG-2',
  mp2v: 'MPEG-2',
  mx5p: 'MPEG-2 IMX',
  dvc: 'DV',
  dvcp: 'DV',
  dvh1: 'Dolby Vision',
  dvhe: 'Dolby Vision',
  dva1: 'Dolby Vision',
  dvav: 'Dolby Vision',
  vvc1: 'H.266',
  vvi1: 'H.266',
  craw: 'Canon’s raw pictures',
  v_mpeg1: 'MPEG-1',
  v_mpeg2: 'MPEG-2',
  v_theora: 'Theora',
  v_mjpeg: 'Motion JPEG',
  v_uncompressed: 'uncompressed video',
  v_ffv1: 'FFV1',
  ffv1: 'FFV1',
  hfyu: 'HuffYUV',
  ffvh: 'HuffYUV',
  div3: 'DivX 3',
  mp42: 'MPEG-4 of Microsoft',
  mp43: 'MPEG-4 of Microsoft',
  dx50: 'MPEG-4 Visual (DivX, Xvid)',
  wmv1: 'Windows Media Video',
  wmv2: 'Windows Media Video',
  h264: 'H.264 in the old way of Windows',
  'v_ms/vfw/fourcc': 'an old codec for Windows',
}

/**
 * The name of a video codec that is not accepted, for the middle of a sentence.
 *
 * @param id as the file has it
 * @example codecName('jpeg') // 'Motion JPEG'
 * @example codecName('zzzz') // 'a codec that is not known here (zzzz)'
 */
export function codecName(id: string): string {
  const key = id
    .toLowerCase()
    .replace(/^v_ms\/vfw\/fourcc\/(?=\S)/, '')
    .trim()
  if (Object.hasOwn(names, key)) return names[key] as string
  if (key.startsWith('v_mpeg4/iso/')) return 'MPEG-4 Visual (DivX, Xvid)'
  if (key.startsWith('v_real/')) return 'RealVideo'
  if (/^mp4v\.6[0-5]$/.test(key)) return 'MPEG-2'
  if (/^(hdv|xdv|xd5|xdh|mx[345])/.test(key)) return 'MPEG-2'
  if (/^dv[h5p]/.test(key)) return 'DV'
  const shown = key.replace(/[^\w./-]/g, '')
  return shown === ''
    ? 'a codec that is not known here'
    : `a codec that is not known here (${shown.slice(0, 32)})`
}

/** Sample descriptions of videos that are copy-protected. */
export function isProtected(id: unknown): boolean {
  return id === 'encv' || id === 'drmi'
}
