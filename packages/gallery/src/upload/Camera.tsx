import { CameraIcon } from '../icons.tsx'

const isPhone = matchMedia('(pointer: coarse)').matches

/** Opens a phone's camera: the dialog for files on Android doesn't always offer it. */
export function Camera({ onFiles }: { onFiles: (files: File[]) => void }) {
  if (!isPhone) return null
  return (
    <label className="picker button camera" title="Take a photo">
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
      <CameraIcon /> <span className="label">Take a photo</span>
    </label>
  )
}
