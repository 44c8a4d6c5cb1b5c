#!/bin/sh
# Makes the files beside this script. Needs exiftool, cjxl and heif-enc (Debian: libimage-exiftool-perl, libjxl-tools, libheif-examples).
set -e
cd "$(dirname "$0")"
camera() {
  exiftool -q -overwrite_original '-DateTimeOriginal=2024:01:31 14:25:01' -OffsetTimeOriginal=+09:00 \
    -SubSecTimeOriginal=12 -Make=Apple '-Model=iPhone 15 Pro' "$1"
}
cp ../files/photo.heic dated.heic && camera dated.heic
cp ../files/10-bit.avif dated.avif && camera dated.avif
# cjxl keeps the Exif of a JPEG in a box that is compressed by Brotli.
node -e "require('sharp')({ create: { width: 24, height: 16, channels: 3, background: '#845' } }).jpeg().toFile('dated.jpg')"
camera dated.jpg
cjxl --quiet dated.jpg dated.jxl
rm dated.jpg
