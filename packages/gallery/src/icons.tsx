import type { ReactNode } from 'react'

const Icon = ({ children }: { children: ReactNode }) => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
    {children}
  </svg>
)

export const AddIcon = () => (
  <Icon>
    <path d="M12 5v14M5 12h14" />
  </Icon>
)

export const CloseIcon = () => (
  <Icon>
    <path d="m6 6 12 12M18 6 6 18" />
  </Icon>
)

export const RetryIcon = () => (
  <Icon>
    <path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v4.9h-4.9" />
  </Icon>
)

/** Points forward; the style sheet mirrors it for "previous" and for right-to-left pages. */
export const ChevronIcon = () => (
  <Icon>
    <path d="m9 5 7 7-7 7" />
  </Icon>
)

export const DownloadIcon = () => (
  <Icon>
    <path d="M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 19.5h14" />
  </Icon>
)

export const TrashIcon = () => (
  <Icon>
    <path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 10.5v5.5M14 10.5v5.5" />
  </Icon>
)

export const PencilIcon = () => (
  <Icon>
    <path d="m5 19 .8-3.8L16 5l3 3L8.8 18.2ZM14 7l3 3" />
  </Icon>
)

export const PlayIcon = () => (
  <Icon>
    <path className="icon-solid" d="M8.5 6v12l10-6Z" />
  </Icon>
)

export const FileIcon = () => (
  <Icon>
    <path d="M13.5 4H7a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V8.5ZM13.5 4v4.5H18" />
  </Icon>
)

export const AlertIcon = () => (
  <Icon>
    <path d="M12 8v5m0 3v.1M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z" />
  </Icon>
)

export const SignOutIcon = () => (
  <Icon>
    <path d="M10 5H5v14h5M14 8l4 4-4 4M18 12H9.5" />
  </Icon>
)

/** A frame with a picture in it: the product's mark. */
export const PictureIcon = () => (
  <Icon>
    <path d="M6 4h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Zm-2 13 5-5.5 4 4 2.5-2.5 4.5 4.5" />
    <circle cx="15.5" cy="8.5" r="1.3" />
  </Icon>
)

export const LinkIcon = () => (
  <Icon>
    <path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1m2 3.7a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1" />
  </Icon>
)

export const ReplaceIcon = () => (
  <Icon>
    <path d="M4 8.5h13M13.5 5 17 8.5 13.5 12M20 15.5H7M10.5 12 7 15.5l3.5 3.5" />
  </Icon>
)

export const InfoIcon = () => (
  <Icon>
    <path d="M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 11v5.5M12 7.6v.1" />
  </Icon>
)

export const UndoIcon = () => (
  <Icon>
    <path d="M8 5 4 9l4 4M4.5 9H14a5.5 5.5 0 0 1 0 11H8" />
  </Icon>
)

export const SearchIcon = () => (
  <Icon>
    <path d="M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.5 15.5 20 20" />
  </Icon>
)

export const AlbumIcon = () => (
  <Icon>
    <path d="M4 8h16v11.5H4ZM6 5.5h12M8 3h8" />
    <path d="m4 17 4.5-4 3.5 3 2.5-2 5.5 4.5" />
  </Icon>
)

export const ShareIcon = () => (
  <Icon>
    <circle cx="6.5" cy="12" r="2.5" />
    <circle cx="17" cy="6" r="2.5" />
    <circle cx="17" cy="18" r="2.5" />
    <path d="m8.7 10.8 6-3.4M8.7 13.2l6 3.4" />
  </Icon>
)

export const RemoveIcon = () => (
  <Icon>
    <path d="M5 12h14" />
  </Icon>
)

export const CameraIcon = () => (
  <Icon>
    <path d="M4 8h3.5L9 5.5h6L16.5 8H20v11H4Z" />
    <circle cx="12" cy="13" r="3.5" />
  </Icon>
)

export const CheckIcon = () => (
  <Icon>
    <path d="m5.5 12.5 4.5 4.5 9-10" />
  </Icon>
)
