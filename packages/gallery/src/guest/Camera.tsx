import { CameraIcon } from '../icons.tsx'

/** Opens a phone's camera: the dialog for files on Android doesn't always offer it. */
export function Camera({ onFiles }: { onFiles: (files: File[]) => void }) {
  if (!matchMedia('(pointer: coarse)').matches) return null
  return (
    <label className="picker button">
      <input
        type="file"
        accept="image/*"
        capture="environment"
        className="visually-hidden"
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])])
          currentTarget.value = ''
        }}
      />
      <CameraIcon /> Take a photo
    </label>
  )
}
