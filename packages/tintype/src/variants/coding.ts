/** What a decoder other than sharp's has to be told. */
export interface Coding {
  decoder: 'libheif' | 'jxl'
  /** Where in the file its ICC profile is, which that decoder does not apply. */
  profile?: { start: number; end: number } | undefined
}
