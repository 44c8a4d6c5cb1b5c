import { home } from './home.ts'

const key = 'tintype.person'
let person: string | null = null
let isLeaving = false

/** Whether the page is being loaded anew: nothing is to be asked before. */
export const leaves = (): boolean => isLeaving

/**
 * Notes for whom this tab is. Where it was for somebody else, it is loaded anew: what it shows, what was written in it and what it
 * has still to send are theirs, and would go on under the name of the one who has signed in now.
 *
 * @param name empty where nobody has one
 * @returns whether the page may go on
 */
export function isFor(name: string): boolean {
  if (isLeaving) return false
  const before = person ?? read()
  person = name
  try {
    if (before !== null && before !== name) sessionStorage.clear()
    sessionStorage.setItem(key, name)
  } catch {
    // Without storage nothing is left in it either.
  }
  if (before === null || before === name) return true
  isLeaving = true
  location.replace(home)
  return false
}

function read(): string | null {
  try {
    return sessionStorage.getItem(key)
  } catch {
    return null
  }
}
