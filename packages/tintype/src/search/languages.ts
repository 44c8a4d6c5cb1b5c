/** Whether it is written as one: `de`, `pt-BR`. `Intl` takes each such, known or not. */
export function isLanguage(tag: unknown): tag is string {
  try {
    return typeof tag === 'string' && Intl.getCanonicalLocales(tag).length > 0
  } catch {
    return false
  }
}
