import { AddIcon, PictureIcon } from '../icons.tsx'

export function Empty({ uploading, onPick }: { uploading: boolean; onPick: () => void }) {
  return (
    <section className="empty">
      <PictureIcon />
      <h2>{uploading ? 'Your first photos are on their way' : 'No photos yet'}</h2>
      {uploading ? (
        <p>Each of them is shown here as soon as it has arrived.</p>
      ) : (
        <p>
          <span className="by-mouse">
            Drop photos and videos anywhere on this page, paste a picture, or choose them from your device.
          </span>
          <span className="by-touch">Choose photos and videos from your device.</span>
        </p>
      )}
      <button type="button" className={`button ${uploading ? '' : 'primary'}`} onClick={onPick}>
        <AddIcon /> {uploading ? 'Choose more' : 'Choose photos'}
      </button>
    </section>
  )
}
