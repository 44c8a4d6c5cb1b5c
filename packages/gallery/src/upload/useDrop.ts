import type { AddedFile } from '@tintype/client'
import { useEffect, useState } from 'react'
import { droppedFiles } from './dropped-files.ts'
import { addNote } from './notes.ts'

/** Makes the whole window a drop target. @returns whether files are being dragged over it */
export function useDrop(onFiles: (files: AddedFile[]) => void): boolean {
  const [dragging, setDragging] = useState(false)

  useEffect(() => {
    // Each element sends its own enter and leave; the window is left when their numbers are equal.
    let depth = 0
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const onEnter = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      depth++
      setDragging(true)
    }
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    }
    const onLeave = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      depth = Math.max(0, depth - 1)
      if (depth === 0) setDragging(false)
    }
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event) || !event.dataTransfer) return
      event.preventDefault()
      depth = 0
      setDragging(false)
      droppedFiles(event.dataTransfer).then(
        (files) => files.length > 0 && onFiles(files),
        () => addNote('What was dropped', 'can’t be read. Choose the files by “Add photos” instead.'),
      )
    }
    const handlers = { dragenter: onEnter, dragover: onOver, dragleave: onLeave, drop: onDrop }
    for (const [name, handler] of Object.entries(handlers)) {
      window.addEventListener(name, handler as EventListener)
    }
    return () => {
      for (const [name, handler] of Object.entries(handlers)) {
        window.removeEventListener(name, handler as EventListener)
      }
    }
  }, [onFiles])

  return dragging
}
