#!/bin/sh
# Makes the files of this folder: ffmpeg 5.1, ExifTool 12.57, libheif 1.15, libavif 0.11, libjxl 0.7.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d)
ffmpeg -v error -y -f lavfi -i testsrc=size=64x48 -frames:v 1 "$work/photo.jpg"
ffmpeg -v error -y -f lavfi -i testsrc=size=32x24 -frames:v 1 "$work/thumb.jpg"
cat > "$work/arguments" <<'END'
-overwrite_original
-EXIF:GPSLatitude=51.507351
-EXIF:GPSLatitudeRef=N
-EXIF:GPSLongitude=0.127758
-EXIF:GPSLongitudeRef=W
-EXIF:SerialNumber=SN7391824650
-EXIF:LensSerialNumber=LS5550017733
-EXIF:OwnerName=Olivia Ownerby
-EXIF:Make=Tintype Cameras
-EXIF:Model=TC-1
-EXIF:Artist=Ansel Example
-EXIF:DateTimeOriginal=2026:11:28 12:34:56
-XMP-exif:GPSLatitude=51.507351
-XMP-exif:GPSLongitude=-0.127758
-XMP-aux:SerialNumber=SN7391824650
-XMP-photoshop:City=Xanthopolis
-XMP-dc:Title=By the river
END
exiftool -q -@ "$work/arguments" "-ThumbnailImage<=$work/thumb.jpg" "$work/photo.jpg"
heif-enc -q 50 "$work/photo.jpg" -o photo.heic > "$work/log" 2>&1
exiftool -q -@ "$work/arguments" photo.heic
avifenc -s 10 "$work/photo.jpg" photo.avif > "$work/log" 2>&1
cjxl "$work/photo.jpg" photo.jxl -e 3 > "$work/log" 2>&1
ffmpeg -v error -y -f lavfi -i testsrc=size=64x48:rate=5:duration=1 -c:v libx264 -pix_fmt yuv420p clip.mov
ffmpeg -v error -y -i clip.mov -c copy -movflags frag_keyframe+empty_moov -metadata location=+51.507351-000.127758/ fragments.mp4
exiftool -q -overwrite_original -Keys:GPSCoordinates="51.507351, -0.127758, 35" \
  -UserData:GPSCoordinates="51.507351, -0.127758, 35" -ItemList:GPSCoordinates="51.507351, -0.127758, 35" \
  -Keys:CameraIdentifier=SN7391824650 -Keys:Make="Tintype Cameras" -Keys:Model=TC-1 -Keys:Author="Ansel Example" \
  -Keys:CreationDate="2026:11:28 12:34:56+09:00" -Keys:LocationName=Xanthopolis \
  -UserData:SerialNumber=SN7391824650 -UserData:Model=TC-1 -UserData:Copyright="(c) 2026 Ansel Example" \
  -XMP-exif:GPSLatitude=51.507351 -XMP-exif:GPSLongitude=-0.127758 -XMP-dc:Title="By the river" clip.mov
ffmpeg -v error -y -f lavfi -i testsrc=size=64x48:rate=5:duration=1 -c:v libvpx -metadata location=+51.507351-000.127758/ \
  -metadata SERIAL_NUMBER=SN7391824650 -metadata title="By the river" -metadata RECORDING_LOCATION=Xanthopolis clip.webm
ffmpeg -v error -y -f lavfi -i testsrc=size=64x48:rate=5:duration=1 -c:v libvpx -attach "$work/photo.jpg" \
  -metadata:s:t mimetype=image/jpeg -metadata location=+51.507351-000.127758/ clip.mkv
rm -r "$work"
