/** A request's context by lower-case key (the letter case of keys does not matter); values as lists. */
export type Context = ReadonlyMap<string, readonly string[]>

/**
 * Whether text matches a policy's pattern: `*` stands for any run of characters (`/` included), `?`
 * for one. Policy variables such as `${aws:username}` take their value from `variables`; what comes
 * out of a variable is literal, so a user called `*` matches only himself. A pattern with a variable
 * that has no value matches nothing. Without `variables` (policies older than 2012-10-17) `${` is text.
 * Takes time in O(pattern × text), whatever the pattern.
 *
 *     matchesGlob('home/${aws:username}/*', 'home/ann/a.txt', new Map([['aws:username', ['ann']]])) // true
 */
export function matchesGlob(pattern: string, text: string, variables?: Context): boolean {
  const tokens = tokenize(pattern, variables)
  if (tokens === undefined) return false
  const characters = [...text]
  let at = 0
  let token = 0
  let star = -1
  let starAt = 0
  while (at < characters.length) {
    const expected = tokens[token]
    if (expected === run) {
      star = token++
      starAt = at
    } else if (expected === one || expected === characters[at]) {
      token++
      at++
    } else if (star >= 0) {
      token = star + 1
      at = ++starAt
    } else {
      return false
    }
  }
  while (tokens[token] === run) token++
  return token === tokens.length
}

/** The text with its policy variables replaced, wildcards being text; `undefined` if one has no value. */
export function expandVariables(text: string, variables?: Context): string | undefined {
  if (variables === undefined) return text
  let missing = false
  const expanded = text.replace(variable, (_, inside: string) => {
    const value = variableValue(inside, variables)
    if (value === undefined) missing = true
    return value ?? ''
  })
  return missing ? undefined : expanded
}

const run = Symbol('*')
const one = Symbol('?')
const variable = /\$\{([^{}]*)\}/g

/** Literal characters and wildcards, so that a variable's value cannot turn into a wildcard. */
function tokenize(pattern: string, variables?: Context): (string | symbol)[] | undefined {
  const tokens: (string | symbol)[] = []
  const wildcards = (text: string) => {
    for (const character of text) tokens.push(character === '*' ? run : character === '?' ? one : character)
  }
  let from = 0
  for (const match of variables ? pattern.matchAll(variable) : []) {
    const value = variables && variableValue(match[1] ?? '', variables)
    if (value === undefined) return undefined
    wildcards(pattern.slice(from, match.index))
    tokens.push(...value)
    from = match.index + match[0].length
  }
  wildcards(pattern.slice(from))
  return tokens
}

/** `aws:username`, `aws:username, 'default'`, or one of the three escapes `*`, `?`, `$`. */
function variableValue(inside: string, variables: Context): string | undefined {
  if (inside === '*' || inside === '?' || inside === '$') return inside
  const [, name = inside, otherwise] = /^(.*?)\s*,\s*'(.*)'$/.exec(inside) ?? []
  const values = variables.get(name.trim().toLowerCase())
  return values?.length === 1 ? values[0] : otherwise
}
