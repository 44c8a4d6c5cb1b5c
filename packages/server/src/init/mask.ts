const pieces = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g

/**
 * Code of the same length with spaces in the place of comments and of what strings say, so that a line that looks like
 * code is code. Quotes and line ends stay. It is no parser: after a quote in a regular expression it hides too much, and
 * then a line is not found.
 */
export function mask(code: string): string {
  return code.replace(pieces, (piece) => {
    const blank = piece.replace(/[^\n\r]/g, ' ')
    return piece.startsWith('/') ? blank : piece[0] + blank.slice(1, -1) + piece.at(-1)
  })
}
