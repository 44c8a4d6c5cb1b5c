/** Characters: the longest names of lenses have half as many. */
export const longestText = 100

/** A name of a camera or lens as it may be shown: in one line, without invisible characters. Nothing where it says nothing. */
export function cleanText(text: string | undefined): string | undefined {
  const line = text?.replace(/[\p{C}\p{Z}\s]+/gu, ' ').trim() ?? ''
  const short = [...line].slice(0, longestText).join('').trim()
  // `----`, `0.0 mm f/0.0` and the like stand where no lens is known.
  return /[\p{L}1-9]/u.test(short) && !/^(unknown|none|null|n\/?a|default|camera)$/i.test(short)
    ? short
    : undefined
}

const legalForms = /^(corporation|corp\.?|co\.?,?|company,?|ltd\.?|limited|inc\.?|gmbh|ag|imaging|optical)$/i

/**
 * Make and model in one name. Makers write their name into the model, too, or the name of their company into the make.
 *
 * @example cameraName('NIKON CORPORATION', 'NIKON Z 6') // 'NIKON Z 6'
 */
export function cameraName(make: string | undefined, model: string | undefined): string | undefined {
  const maker = cleanText(make)
  const name = cleanText(model)
  if (!maker || !name) return name ?? maker
  const words = maker.split(' ').filter((word, index) => index === 0 || !legalForms.test(word))
  const inLower = words.map((word) => word.replace(/,$/, '').toLowerCase())
  const [first = ''] = name.toLowerCase().split(/[ _-]/)
  if (inLower.includes(first)) return name
  return cleanText(`${words.join(' ').replace(/,$/, '')} ${name}`)
}
