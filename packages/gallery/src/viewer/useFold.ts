import { useState } from 'react'

const key = 'tintype.details'

/** Whether the details are shown: as it was left, or where there is room for them beside the picture. */
export function useFold(): [isOpen: boolean, set: (isOpen: boolean) => void] {
  const [isOpen, setOpen] = useState(() => (read() ?? String(window.innerWidth >= 1000)) === 'true')
  return [
    isOpen,
    (next) => {
      setOpen(next)
      try {
        localStorage.setItem(key, String(next))
      } catch {
        // It is asked for again on the next visit.
      }
    },
  ]
}

function read(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
