/**
 * Milliseconds without a `dragover` after which nothing is dragged any more. Browsers send one every 350 ± 200, also while
 * the mouse stands still, and not all of them tell of a drag that was cancelled:
 * https://html.spec.whatwg.org/multipage/dnd.html#drag-and-drop-processing-model
 */
const longestSilence = 1000

/** What is done with files that are dragged. */
export interface DragListeners {
  /** Files are dragged over it, or are not any more. */
  onOver: (isOver: boolean) => void
  onDrop: (transfer: DataTransfer) => void
}

/** Makes an element, or the whole window, take files that are dropped there, until the signal says that it is enough. */
export function takeDrops(target: Window | HTMLElement, listeners: DragListeners, signal: AbortSignal): void {
  // The next element is entered before the last one is left: if the one left was entered last, so is all of it.
  let entered: EventTarget | undefined
  let silence: ReturnType<typeof setTimeout> | undefined
  /** Browsers offer a picture of this page as a file, too: it is here already. */
  let dragged: EventTarget | null = null
  const end = () => {
    clearTimeout(silence)
    listeners.onOver(false)
  }
  const goOn = () => {
    clearTimeout(silence)
    silence = setTimeout(end, longestSilence)
    listeners.onOver(true)
  }
  const listen = <Kind extends keyof WindowEventMap>(
    at: Window | HTMLElement,
    name: Kind,
    listener: (event: WindowEventMap[Kind]) => void,
  ) => at.addEventListener(name, listener as EventListener, { signal })
  /** Files of elsewhere, which nobody further in has taken. */
  const listenTo = (name: 'dragenter' | 'dragover' | 'drop', listener: (event: DragEvent) => void) =>
    listen(target, name, (event) => {
      // Of one that was removed meanwhile, nobody hears the end.
      if ((dragged as Node | null)?.isConnected || !event.dataTransfer?.types.includes('Files')) return
      if (target === window && event.defaultPrevented) return end()
      event.preventDefault()
      listener(event)
    })

  listen(window, 'dragstart', (event) => {
    dragged = event.target
  })
  listen(window, 'dragend', () => {
    dragged = null
  })
  listenTo('dragenter', (event) => {
    ;[entered] = event.composedPath()
    goOn()
  })
  listenTo('dragover', ({ dataTransfer }) => {
    if (dataTransfer) dataTransfer.dropEffect = 'copy'
    goOn()
  })
  listen(target, 'dragleave', (event) => {
    if (event.composedPath()[0] === entered) end()
  })
  listenTo('drop', ({ dataTransfer }) => {
    end()
    if (dataTransfer) listeners.onDrop(dataTransfer)
  })
  signal.addEventListener('abort', end)
}
