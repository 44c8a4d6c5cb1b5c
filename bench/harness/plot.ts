import type { Chart } from './scenario.ts'
import { digits } from './scenario.ts'

const width = 820
const labelWidth = 250
const barHeight = 20
const barGap = 6
const titleHeight = 34
const margin = 24

/**
 * Charts below one another, as one SVG: bars from zero, ours in colour. It brings its own background in both
 * colour schemes, so that it can be read on whatever page it stands on.
 */
export function draw(charts: Chart[]): string {
  let y = margin
  const parts: string[] = []
  for (const chart of charts) {
    parts.push(drawChart(chart, y))
    y += titleHeight + chart.bars.length * (barHeight + barGap) + margin
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img">
<title>What Tintype costs beside its peers; shorter is better</title>
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .ground { fill: #ffffff; stroke: #d1d9e0 }
  .bar { fill: #a3adb8 }
  .ours { fill: #0b7a75 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .ground { fill: #151b23; stroke: #3d444d }
    .bar { fill: #656c76 }
    .ours { fill: #3fc1b9 }
  }
</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${y - 1}" rx="8"/>
${parts.join('\n')}
</svg>
`
}

function drawChart({ title, unit, bars }: Chart, top: number): string {
  const most = Math.max(...bars.map(({ value }) => value))
  // Room for the figure behind the longest bar.
  const scale = (width - labelWidth - 2 * margin - 80) / most
  const lines = bars.map(({ label, value, ours }, index) => {
    const y = top + titleHeight + index * (barHeight + barGap)
    const length = Math.max(1, value * scale)
    const x = margin + labelWidth
    return [
      `<text x="${x - 10}" y="${y + 15}" text-anchor="end">${escapeText(label)}</text>`,
      `<rect class="${ours ? 'bar ours' : 'bar'}" x="${x}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`,
      `<text x="${(x + length + 8).toFixed(1)}" y="${y + 15}">${digits(value)} ${unit}</text>`,
    ].join('')
  })
  return [`<text class="title" x="${margin}" y="${top + 16}">${escapeText(title)}</text>`, ...lines].join(
    '\n',
  )
}

function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
}
