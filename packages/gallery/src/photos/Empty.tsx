import { AddIcon, PictureIcon } from '../icons.tsx'

export function Empty({ uploading, onPick }: { uploading: boolean; onPick: () => void }) {
  return (
    <section className="empty">
      <PictureIcon />
      <h2>{uploading ? 'Your first photos are on their way' : 'No photos yet'}</h2>
      <p>Drop photos and videos anywhere on this page, paste a picture, or choose them from your device.</p>
      <button type="button" className="button primary" onClick={onPick}>
        <AddIcon /> Choose photos
      </button>
    </section>
  )
}
