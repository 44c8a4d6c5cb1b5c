export { cleanExif as cleanExifBlock } from '../exif/clean-exif.ts'
export { cleanXmp as cleanXmpPacket } from '../xmp/clean-xmp.ts'
