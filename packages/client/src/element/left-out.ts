/** What somebody has chosen or dropped that is not added. */
export interface Omission {
  /** Of the file or folder, where it is known. */
  name?: string
  /**
   * `not_media` and `hidden`: files in a dropped folder. `more_than_one`: files beside the one that is taken. `no_file`: the browser
   * gives nothing to read. `no_dialog`: the browser has not opened its dialog.
   */
  reason:
    | 'not_media'
    | 'hidden'
    | 'more_than_one'
    | 'empty_folder'
    | 'broken_folder'
    | 'no_file'
    | 'unreadable'
    | 'no_dialog'
  /** Names of files, where the reason is theirs. */
  files: readonly string[]
}

/** An omission as it is told. */
export interface LeftOut extends Omission {
  name: string
  /** A sentence in the language of the element. */
  message: string
}

/** Called for each. */
export type OnOmission = (what: Omission) => void
