/** The page that `npm run bench:gallery` writes, of rows of its tables. */
export function report({
  grids,
  slowLines,
  flows,
}: Record<'grids' | 'slowLines' | 'flows', string[]>): string {
  return `# What the gallery takes

\`npm run bench:gallery\` writes this page. Chromium without a window, ${new Date().toISOString().slice(0, 10)}; all numbers are
those of one run on a shared machine. Times tell orders of magnitude; the rest may differ a little from run to run. Beside this version
the first one that had a gallery is measured, a picker, a grid in order of arrival and a viewer, installed from its commit.

## Many photos

1440 × 900 pixels. The page is scrolled from end to end in 40 jumps, so that everything is new each time.

| gallery | photos | first pictures | largest paint | all places known | outline | elements at most | heap at first | heap after the end | slow frames, longest | layout shift |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
${grids.join('\n')}

The outline is \`GET /api/timeline\` before compression; the first version had none, and kept all that one had scrolled by, so that
100,000 were beyond it. Slow frames are those of 180, in which the page is scrolled by 40 pixels each, that took longer
than 34 ms: Chromium draws here without a graphics card. Aims: at most 1,500 elements, a heap that doesn't grow with what one has
scrolled by, and a layout shift of 0.1.

## A phone on a slow line

390 × 844 pixels at three times the density, 1.6 Mbit/s with 150 ms; 8 photos of 12 megapixels whose sizes have been asked for before.

| gallery | first visit, with the pictures in view | first picture | largest paint | from the press on a photo until it is sharp (aim: 2 s) |
|---|---:|---:|---:|---:|
${slowLines.join('\n')}

## Sixty photos

Chosen at once, uploaded and waited for; then one is opened, the next one deleted and brought back, and Back pressed (in the first version it
is opened, the next one shown, and closed: it had no Undo and no Back). Two minutes later somebody else looks at the page, and scrolls through all of them.

| on | gallery | layout shift while uploading | layout shift while looking | pictures of a first visit | all pictures |
|---|---|---:|---:|---:|---:|
${flows.join('\n')}

Layout shift is that of the worst five seconds (https://web.dev/articles/cls). Aims: 0.1 of it, and 400 kB of pictures on a phone's first visit.
`
}
