import { type FormEvent, useEffect, useRef, useState } from 'react'
import { SearchIcon } from './icons.tsx'
import type { Router } from './routing.ts'

/** Milliseconds after the last letter. */
const pause = 300

/** Finds by name and caption while one types. What is found has an address. */
export function Search({ router }: { router: Router }) {
  const { route, replace, open, leave } = router
  const [text, setText] = useState(route.query)
  const field = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  // Back and forward change it, too.
  useEffect(() => setText(route.query), [route.query])

  const search = (query: string) => {
    clearTimeout(timer.current)
    if (query.trim() === route.query && route.at === 'photos') return
    // One step back leads to all photos, however many letters it took; so does an empty field.
    const go = route.query === '' ? open : query.trim() === '' ? leave : replace
    go({ at: 'photos', query: query.trim() })
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    search(text)
    // The keyboard of a phone would cover what was found.
    if (matchMedia('(pointer: coarse)').matches) field.current?.blur()
  }
  return (
    <search className="search">
      <form onSubmit={onSubmit}>
        <SearchIcon />
        <input
          ref={field}
          type="search"
          name="q"
          aria-label="Search"
          placeholder="Search"
          maxLength={200}
          value={text}
          onChange={({ currentTarget: { value } }) => {
            setText(value)
            clearTimeout(timer.current)
            timer.current = setTimeout(() => search(value), pause)
          }}
        />
      </form>
    </search>
  )
}
