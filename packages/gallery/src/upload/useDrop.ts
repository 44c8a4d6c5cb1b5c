import type { AddedFile } from '@tintype/client'
import { useEffect, useState } from 'react'
import { droppedFiles } from './dropped-files.ts'
import { addNote } from './notes.ts'

/**
 * Milliseconds without a `dragover` after which nothing is dragged over the page any more. Browsers send one every 350 ± 200,
 * also while the mouse stands still, and not all of them tell of a drag that was cancelled:
 * https://html.spec.whatwg.org/multipage/dnd.html#drag-and-drop-processing-model
 */
const longestSilence = 1000

/** Makes the whole window a drop target. @returns whether files are being dragged over it */
export function useDrop(onFiles: (files: AddedFile[]) => void): boolean {
  const [dragging, setDragging] = useState(false)

  useEffect(() => {
    // The next element is entered before the last one is left: if the one left was entered last, so is the window.
    let entered: EventTarget | null = null
    let silence: ReturnType<typeof setTimeout> | undefined
    /** Browsers offer a picture of this page as a file, too: it is here already. */
    let isOwn = false
    const end = () => {
      clearTimeout(silence)
      setDragging(false)
    }
    const goOn = () => {
      clearTimeout(silence)
      silence = setTimeout(end, longestSilence)
      setDragging(true)
    }
    const holdsFiles = (event: DragEvent) => !isOwn && event.dataTransfer?.types.includes('Files') === true
    const onEnter = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      entered = event.target
      goOn()
    }
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
      goOn()
    }
    const onLeave = (event: DragEvent) => {
      if (event.target === entered) end()
    }
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event) || !event.dataTransfer) return
      event.preventDefault()
      end()
      droppedFiles(event.dataTransfer).then(
        (files) => files.length > 0 && onFiles(files),
        () => addNote('What was dropped', 'can’t be read. Choose the files by “Add photos” instead.'),
      )
    }
    const handlers = {
      dragstart() {
        isOwn = true
      },
      dragend() {
        isOwn = false
      },
      ...{ dragenter: onEnter, dragover: onOver, dragleave: onLeave, drop: onDrop },
    }
    for (const [name, handler] of Object.entries(handlers)) {
      window.addEventListener(name, handler as EventListener)
    }
    return () => {
      end()
      for (const [name, handler] of Object.entries(handlers)) {
        window.removeEventListener(name, handler as EventListener)
      }
    }
  }, [onFiles])

  return dragging
}
