import { type RefObject, useLayoutEffect, useRef, useState } from 'react'
import { followGestures } from './gestures.ts'
import { largestScale, type View, whole, within, zoomAt } from './zoom.ts'

export interface StageOptions {
  stage: RefObject<HTMLElement | null>
  track: RefObject<HTMLElement | null>
  /** What is shown: another one begins unzoomed. */
  id: string
  /** Pixels of the original; null for what is not zoomed. */
  width: number | null
  /** Towards the end of the row (1) or its beginning (-1); false where there is nothing more. */
  onMove: (step: 1 | -1) => boolean
  onClose: () => void
  onTap: () => void
}

/** Milliseconds; none where people asked for less motion. */
const slide = () => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 240)

/** Zoom, swipe and pull of the stage. They write styles as fingers move: nothing is rendered for that but the scale's change. */
export function useStage(options: StageOptions) {
  const current = useRef(options)
  current.current = options
  const { id } = options
  const view = useRef<View>(whole)
  const [scale, setScale] = useState(1)

  const frameOf = () => options.stage.current?.querySelector<HTMLElement>('.slide.current .frame') ?? null
  const sizes = () => {
    const { current: stage } = options.stage
    const frame = frameOf()
    return {
      stage: { width: stage?.clientWidth ?? 0, height: stage?.clientHeight ?? 0 },
      // Without what a transform makes of them.
      frame: { width: frame?.offsetWidth ?? 0, height: frame?.offsetHeight ?? 0 },
    }
  }
  const apply = (next: View, isAnimated: boolean) => {
    const isZoomable = current.current.width !== null
    view.current = isZoomable ? next : whole
    const frame = frameOf()
    if (frame) {
      const { x, y, scale: by } = view.current
      frame.style.transition = isAnimated ? `transform ${slide()}ms ease-out` : 'none'
      frame.style.transform = by === 1 && x === 0 && y === 0 ? '' : `translate(${x}px, ${y}px) scale(${by})`
    }
    setScale(view.current.scale)
  }
  const rest = (next: View, isAnimated = true) => {
    const { stage, frame } = sizes()
    const largest = largestScale(current.current.width ?? 0, frame.width, devicePixelRatio)
    apply(within(next, frame, stage, largest), isAnimated)
  }
  const zoomBy = (factor: number) =>
    rest(zoomAt(view.current, Math.max(1, view.current.scale * factor), { x: 0, y: 0 }))
  const pan = (dx: number, dy: number) =>
    rest({ ...view.current, x: view.current.x + dx, y: view.current.y + dy })

  const hands = useRef({ apply, rest })
  hands.current = { apply, rest }

  useLayoutEffect(() => {
    view.current = whole
    setScale(1)
    const { current: track } = options.track
    if (id && track) {
      // The one beside it has become the one in the middle, and stands where it was.
      track.style.transition = 'none'
      track.style.transform = ''
      track.style.opacity = ''
    }
  }, [id, options.track])

  useLayoutEffect(() => {
    const { current: stage } = options.stage
    const { current: track } = options.track
    if (!stage || !track) return
    const width = () => stage.clientWidth
    const moveTrack = (transform: string, opacity = '', time = 0) => {
      track.style.transition = time === 0 ? 'none' : `transform ${time}ms ease-out, opacity ${time}ms`
      track.style.transform = transform
      track.style.opacity = opacity
    }
    const isRtl = getComputedStyle(stage).direction === 'rtl'
    return followGestures(stage, {
      view: () => view.current,
      move: (next, isOver) => (isOver ? hands.current.rest : hands.current.apply)(next, false),
      toggle: (point) =>
        hands.current.rest(view.current.scale > 1 ? whole : zoomAt(view.current, 2.5, point)),
      swipe: (dx) => moveTrack(`translateX(${dx}px)`),
      swiped(dx, speed) {
        const isFar =
          Math.abs(dx) > width() / 3 || (Math.abs(speed) > 0.4 && Math.sign(speed) === Math.sign(dx))
        const toTheLeft = dx < 0
        if (!isFar || Math.abs(dx) < 16) return moveTrack('', '', slide())
        const step = toTheLeft !== isRtl ? 1 : -1
        const time = slide()
        moveTrack(`translateX(calc(${toTheLeft ? -100 : 100}% + ${toTheLeft ? -1 : 1}rem))`, '', time)
        setTimeout(() => current.current.onMove(step) || moveTrack('', '', slide()), time)
      },
      pull: (dy) =>
        moveTrack(
          `translateY(${dy}px) scale(${1 - Math.min(0.4, dy / 1500)})`,
          String(Math.max(0.3, 1 - dy / 600)),
        ),
      pulled(dy, speed) {
        if (dy > 140 || (dy > 24 && speed > 0.5)) current.current.onClose()
        else moveTrack('', '', slide())
      },
      tap: () => current.current.onTap(),
    })
  }, [options.stage, options.track])

  return { scale, zoomBy, pan, reset: () => rest(whole) }
}
