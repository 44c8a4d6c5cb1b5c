import sharp from 'sharp'

/** A place, an hour and a weather: the same number gives the same picture. */
export interface SceneOptions {
  seed: number
  width?: number
  height?: number
}

type Colour = readonly [red: number, green: number, blue: number]

/** Sky above, sky at the horizon, land far away, land nearby, water. */
const palettes: readonly (readonly [Colour, Colour, Colour, Colour, Colour])[] = [
  [
    [62, 118, 190],
    [214, 226, 236],
    [128, 158, 186],
    [38, 62, 52],
    [60, 108, 138],
  ],
  [
    [40, 52, 104],
    [246, 168, 112],
    [140, 92, 120],
    [30, 24, 38],
    [120, 82, 100],
  ],
  [
    [108, 150, 178],
    [236, 232, 220],
    [160, 176, 172],
    [66, 88, 60],
    [112, 140, 146],
  ],
  [
    [18, 26, 54],
    [74, 92, 132],
    [46, 60, 92],
    [10, 14, 24],
    [28, 42, 72],
  ],
  [
    [230, 146, 96],
    [252, 222, 168],
    [196, 136, 112],
    [74, 40, 34],
    [206, 142, 112],
  ],
  [
    [150, 186, 204],
    [250, 250, 246],
    [186, 204, 212],
    [226, 234, 238],
    [150, 178, 190],
  ],
  [
    [88, 160, 186],
    [228, 240, 230],
    [92, 148, 128],
    [24, 78, 58],
    [52, 150, 158],
  ],
  [
    [120, 96, 150],
    [240, 190, 180],
    [150, 120, 160],
    [52, 44, 66],
    [150, 122, 160],
  ],
]

/** Numbers from 0 to 1, the same for the same seed. */
export function numbers(seed: number): () => number {
  let state = (seed * 2654435761 + 1013904223) >>> 0
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

const mix = (a: Colour, b: Colour, part: number): Colour => [
  a[0] + (b[0] - a[0]) * part,
  a[1] + (b[1] - a[1]) * part,
  a[2] + (b[2] - a[2]) * part,
]
const within = (value: number) => Math.max(0, Math.min(1, value))

/** A landscape: sky with clouds and a sun, ridges that fade into the distance, often water that mirrors them. */
export async function scene({ seed, width = 1500, height = 1000 }: SceneOptions): Promise<Buffer> {
  const next = numbers(seed)
  const [top, low, far, near, water] = palettes[Math.floor(next() * palettes.length)] ?? palettes[0] ?? []
  if (!top || !low || !far || !near || !water) throw new Error('There are no colours.')
  const noise = smoothNoise(next)
  const horizon = 0.5 + next() * 0.22
  const hasWater = next() < 0.55
  const sun = { x: 0.15 + next() * 0.7, y: horizon - 0.08 - next() * 0.3, size: 0.012 + next() * 0.03 }
  const cloudiness = next() * 0.75
  const offset = next() * 100
  const ridges = Array.from({ length: 3 + Math.floor(next() * 3) }, (_, i, all = 5) => ({
    depth: (i + 1) / (typeof all === 'number' ? all : 5),
    at: horizon - 0.2 + i * 0.07 + next() * 0.04,
    rough: 1.2 + next() * 2.2,
    high: 0.2 - i * 0.03,
    phase: next() * 50,
  }))
  const ratio = width / height
  const tops = ridges.map(({ at, rough, high, phase }) =>
    Float32Array.from({ length: width }, (_, x) => {
      const u = (x / width) * ratio
      return at - high * (noise(u * rough + phase, 0.5, 5) - 0.35)
    }),
  )

  const colourAt = (x: number, v: number): Colour => {
    const u = x / width
    for (let i = ridges.length - 1; i >= 0; i--) {
      const edge = tops[i]?.[x] ?? 1
      if (v < edge) continue
      const depth = (i + 1) / ridges.length
      const grain = noise(u * ratio * 34 + i * 9, v * 60, 3) - 0.5
      const base = mix(mix(far, low, 0.35 * (1 - depth)), near, depth ** 1.6)
      return mix(base, grain > 0 ? low : [0, 0, 0], Math.abs(grain) * (0.16 + 0.22 * depth))
    }
    const sky = mix(top, low, within(v / horizon) ** 1.35)
    const cloud = within((noise(u * ratio * 2.1 + offset, v * 5.2, 5) - (0.78 - cloudiness * 0.4)) * 3.4)
    const away = Math.hypot((u - sun.x) * ratio, v - sun.y)
    const glow = within(Math.exp(-away * 5) * 0.75 + (away < sun.size ? 1 : 0))
    return mix(mix(sky, [252, 248, 244], cloud * 0.7), [255, 244, 218], glow)
  }

  const pixels = Buffer.alloc(width * height * 3)
  const shore = horizon + 0.12
  for (let y = 0; y < height; y++) {
    const v = y / height
    for (let x = 0; x < width; x++) {
      let colour: Colour
      if (hasWater && v > shore) {
        // What stands above, upside down, broken by waves that are larger the nearer they are.
        const depth = (v - shore) / (1 - shore)
        const wave = (noise((x / width) * ratio * 12, depth * 90, 2) - 0.5) * 0.1 * depth
        const mirrored = colourAt(x, Math.max(0, shore - (v - shore) * 0.8 + wave))
        colour = mix(mirrored, water, 0.35 + 0.35 * depth)
      } else colour = colourAt(x, v)
      const light = 1 - 0.28 * (((x / width - 0.5) * 2) ** 2 * 0.5 + ((v - 0.5) * 2) ** 2 * 0.5)
      const grain = (next() - 0.5) * 9
      const at = (y * width + x) * 3
      for (let c = 0; c < 3; c++) pixels[at + c] = within(((colour[c] ?? 0) * light + grain) / 255) * 255
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer()
}

/** Value noise of several octaves, from 0 to 1. */
function smoothNoise(next: () => number): (x: number, y: number, octaves: number) => number {
  const table = Float32Array.from({ length: 65536 }, next)
  const at = (x: number, y: number) => table[((x & 255) << 8) | (y & 255)] ?? 0
  const ease = (t: number) => t * t * (3 - 2 * t)
  const one = (x: number, y: number) => {
    const [i, j] = [Math.floor(x), Math.floor(y)]
    const [s, t] = [ease(x - i), ease(y - j)]
    const above = at(i, j) * (1 - s) + at(i + 1, j) * s
    const below = at(i, j + 1) * (1 - s) + at(i + 1, j + 1) * s
    return above * (1 - t) + below * t
  }
  return (x, y, octaves) => {
    let [sum, share, all] = [0, 1, 0]
    for (let n = 0; n < octaves; n++) {
      sum += one(x * 2 ** n + n * 17, y * 2 ** n + n * 31) * share
      all += share
      share /= 2
    }
    return sum / all
  }
}
