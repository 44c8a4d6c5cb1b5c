/** A part of the page that is loaded when it is asked for. @throws an error whose message is fit for people */
export async function load<Part>(part: Promise<Part>): Promise<Part> {
  try {
    return await part
  } catch (cause) {
    const message =
      'This can’t be opened now: there is no connection, or the server was renewed. Load the page again.'
    throw new Error(message, { cause })
  }
}
