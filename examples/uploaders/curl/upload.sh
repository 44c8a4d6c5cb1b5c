#!/usr/bin/env bash
# Sends a file, and goes on where it was interrupted (curl 7.84 or newer):
#   upload.sh beach.mp4 https://photos.example/api
set -euo pipefail
file=$1 api=$2
asking=(curl -fsS --retry 30 --retry-all-errors --retry-delay 1 -o /dev/null)

url=$("${asking[@]}" -w '%header{location}' -X POST "$api/files" -H 'Upload-Complete: ?0' \
  -H "Upload-Length: $(wc -c <"$file" | tr -d ' ')" \
  -H "Content-Disposition: inline; filename=\"$(basename "$file")\"")

send() {
  tail -c "+$(($1 + 1))" "$file" | curl -fsS -X PATCH -T - "$url" -H "Upload-Offset: $1" \
    -H 'Upload-Complete: ?1' -H 'Content-Type: application/partial-upload'
}
until [ "$("${asking[@]}" -I -w '%header{upload-complete}' "$url")" = '?1' ]; do
  offset=$("${asking[@]}" -I -w '%header{upload-offset}' "$url")
  send "$offset" || sleep 1
done
