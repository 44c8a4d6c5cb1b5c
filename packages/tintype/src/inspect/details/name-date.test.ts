import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dateInName } from './name-date.ts'

const names: [name: string, time: string | undefined][] = [
  ['IMG_20240131_142501.jpg', '2024-01-31T14:25:01'],
  ['VID_20240131_142501.mp4', '2024-01-31T14:25:01'],
  ['MVIMG_20240131_142501.jpg', '2024-01-31T14:25:01'],
  ['20240131_142501(0).jpg', '2024-01-31T14:25:01'],
  ['20240131_142501_001.jpg', '2024-01-31T14:25:01'],
  ['PXL_20240131_132501123.MP.jpg', '2024-01-31T13:25:01.123Z'],
  ['DJI_20240131142501_0001_D.JPG', '2024-01-31T14:25:01'],
  ['WIN_20240131_14_25_01_Pro.jpg', '2024-01-31T14:25:01'],
  ['Screenshot_20240131-142501.png', '2024-01-31T14:25:01'],
  ['Screenshot_2024-01-31-14-25-01-123_com.app.jpg', '2024-01-31T14:25:01'],
  ['Screenshot from 2024-01-31 14-25-01.png', '2024-01-31T14:25:01'],
  ['Screenshot 2024-01-31 142501.png', '2024-01-31T14:25:01'],
  ['Screenshot 2024-01-31 at 14.25.01.png', '2024-01-31T14:25:01'],
  ['Screenshot 2024-01-31 at 2.25.01 PM.png', '2024-01-31T14:25:01'],
  ['Screenshot 2024-01-31 at 12.05.01\u202fAM.png', '2024-01-31T00:05:01'],
  ['Bildschirmfoto 2024-01-31 um 14.25.01.png', '2024-01-31T14:25:01'],
  ["Capture d'écran 2024-01-31 à 14.25.01.png", '2024-01-31T14:25:01'],
  ['photo_2024-01-31_14-25-01.jpg', '2024-01-31T14:25:01'],
  ['signal-2024-01-31-142501.jpg', '2024-01-31T14:25:01'],
  ['2024-01-31 14.25.01.jpg', '2024-01-31T14:25:01'],
  ['WhatsApp Image 2024-01-31 at 14.25.01 (1).jpeg', '2024-01-31T14:25:01'],
  ['IMG-20240131-WA0001.jpg', '2024-01-31T00:00:00'],
  ['VID-20240131-WA0012.mp4', '2024-01-31T00:00:00'],
  ['2024-01-31 Birthday.jpg', '2024-01-31T00:00:00'],
  // What only looks like a date.
  ['IMG_0001.jpg', undefined],
  ['20240131.jpg', undefined],
  ['IMG_20241331_142501.jpg', undefined],
  ['IMG_20230229_142501.jpg', undefined],
  ['IMG_19700101_000000.jpg', undefined],
  ['FB_IMG_1706711101123.jpg', undefined],
  ['12024013114250199.jpg', undefined],
  ['20240131-1.jpg', undefined],
  ['photo.jpg', undefined],
]

describe('the date in a name', () => {
  for (const [name, time] of names)
    test(`${name}: ${time ?? 'none'}`, () => assert.equal(dateInName(name)?.time, time))

  test('an hour that there is not leaves the day', () => {
    assert.equal(dateInName('Scan 2024-01-31 25.99.01.jpg')?.time, '2024-01-31T00:00:00')
  })

  test('the longest names are read at once', () => {
    for (const part of ['2024-01-31', '20240131 ', '2024', ' ']) dateInName(part.repeat(200).slice(0, 200))
  })
})
