/** How people write dates. */
export interface CalendarWords {
  /** 1 to 12, by the name as {@link plainly} makes it. */
  months: ReadonlyMap<string, number>
  /** Small words between day, month and year, such as the `de` of Spanish. */
  between: ReadonlySet<string>
}

/**
 * In these languages and in English, with the names in full and in short. Where one name means two months, that of the language that
 * comes first. A millisecond for each language.
 */
export function calendarWords(languages: readonly string[]): CalendarWords {
  const months = new Map<string, number>()
  const between = new Set(['of'])
  // With a day, some languages have the name in another case: сентябрь, 14 сентября.
  for (const language of [...languages, 'en', 'en-GB'])
    for (const month of ['long', 'short'] as const)
      for (const day of [undefined, 'numeric'] as const) {
        const format = new Intl.DateTimeFormat(language, {
          ...{ year: 'numeric', month, day, timeZone: 'UTC' },
          ...{ calendar: 'gregory', numberingSystem: 'latn' },
        })
        for (let n = 1; n <= 12; n++)
          for (const { type, value } of format.formatToParts(Date.UTC(2024, n - 1, 1))) {
            if (type !== 'literal' && type !== 'month') continue
            const words = value
              .split(/\s+/)
              .map(plainly)
              .filter((word) => word !== '')
            // That of Catalan is `de setembre`.
            const name = type === 'month' ? words.pop() : undefined
            if (name !== undefined && !isNumber(name) && !months.has(name)) months.set(name, n)
            for (const word of words) between.add(word)
          }
      }
  return { months, between }
}

const isNumber = (word: string) => /^\d+$/.test(word)

/** Without capitals, accents, and the dot or comma at its end. */
export function plainly(word: string): string {
  return word
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[.,]+$/, '')
}
