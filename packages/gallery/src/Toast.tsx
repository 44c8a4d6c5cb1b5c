import { useEffect, useRef } from 'react'
import { CloseIcon } from './icons.tsx'
import type { ToastContent } from './useDeletion.ts'

/** What has just happened, and the one thing that can be done about it. */
export function Toast({ content, onDismiss }: { content: ToastContent | null; onDismiss: () => void }) {
  const line = useRef<HTMLDivElement>(null)
  // The upload tray makes room for it, however many lines it takes.
  useEffect(() => {
    const { current } = line
    if (!current) return
    const observer = new ResizeObserver(() =>
      document.documentElement.style.setProperty('--toast-height', `${current.offsetHeight}px`),
    )
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return (
    <div
      ref={line}
      className="toast"
      data-shown={content !== null}
      role={content?.isError ? 'alert' : 'status'}
    >
      {content && (
        <>
          <p>{content.text}</p>
          <div className="toast-actions">
            {content.action && (
              <button type="button" className="button quiet" onClick={content.action.run}>
                {content.action.label}
              </button>
            )}
            <button type="button" className="button quiet icon-only" aria-label="Dismiss" onClick={onDismiss}>
              <CloseIcon />
            </button>
          </div>
        </>
      )}
    </div>
  )
}
