import { PictureIcon } from '../icons.tsx'

export function DropOverlay({ shown }: { shown: boolean }) {
  return (
    <div className="drop-overlay" data-shown={shown} aria-hidden="true">
      <p>
        <PictureIcon /> Drop to add
      </p>
    </div>
  )
}
