import '../styles/albums.css'

/** All of albums that is shown, in one file of the built page. */
export { AddToAlbum } from './AddToAlbum.tsx'
export { AlbumList } from './AlbumList.tsx'
export { AlbumPage, EmptyAlbum } from './AlbumPage.tsx'
