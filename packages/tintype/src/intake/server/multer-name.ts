/**
 * The name that a sender has given, from Multer's `originalname`. Browsers write names in UTF-8, and Multer reads them as
 * Latin-1 unless it is told otherwise (`defParamCharset`), so that `für.jpg` becomes `fÃ¼r.jpg`. Where the characters are
 * bytes that make UTF-8, they are read again; a name that was read as UTF-8 practically never looks like that.
 *
 * @example nameFromMulter('fÃ¼r.jpg') // 'für.jpg'
 */
export function nameFromMulter(originalname: string): string {
  if (!/^[\0-\xff]*$/.test(originalname) || !/[\x80-\xff]/.test(originalname)) return originalname
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(originalname, 'latin1'),
    )
  } catch {
    return originalname
  }
}
