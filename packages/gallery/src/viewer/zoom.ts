/** How a picture is shown: enlarged `scale` times, its middle moved by this many pixels from the stage's. */
export interface View {
  scale: number
  x: number
  y: number
}

export interface Point {
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

/** As large as the stage allows. */
export const whole: View = { scale: 1, x: 0, y: 0 }

/** The same point of the picture stays under `point`, which counts from the middle of the stage. */
export function zoomAt(view: View, scale: number, point: Point): View {
  const by = scale / view.scale
  return { scale, x: point.x - (point.x - view.x) * by, y: point.y - (point.y - view.y) * by }
}

/** No edge of the picture comes inside the stage where the picture is larger than that; else it stands in the middle. */
export function within(view: View, frame: Size, stage: Size, largest: number): View {
  const scale = Math.min(largest, Math.max(1, view.scale))
  const { x, y } = scale === view.scale ? view : zoomAt(view, scale, { x: 0, y: 0 })
  const bound = (at: number, shown: number, room: number) => {
    const most = Math.max(0, (shown * scale - room) / 2)
    return Math.min(most, Math.max(-most, at))
  }
  return { scale, x: bound(x, frame.width, stage.width), y: bound(y, frame.height, stage.height) }
}

/**
 * How far one may zoom: until each pixel of the original is two of the screen's wide, and three times in any case.
 *
 * @param width pixels of the original
 * @param shown CSS pixels that it is wide at scale 1
 * @param density of the screen
 */
export function largestScale(width: number, shown: number, density: number): number {
  return shown === 0 ? 3 : Math.min(32, Math.max(3, (2 * width) / (shown * density)))
}

/** Whether a picture of this many pixels is not sharp any more at this scale. */
export function isBeyond(pixels: number, shown: number, scale: number, density: number): boolean {
  return scale > 1 && shown * scale * density > pixels * 1.05
}
