//! Small pictures of pictures: decoded within limits, made smaller, and encoded anew, so that nothing of the original
//! but its look is left. Takes processor time and memory: call it in `spawn_blocking`, few at a time.

use std::io::Cursor;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_core::result::DecodingResult;

/// Quality of the encoded picture, of 100.
const QUALITY: u8 = 80;

/// What a picture may be at most.
#[derive(Debug, Clone, Copy)]
pub struct PreviewLimits {
    /// Width times height of the original, in pixels; four bytes of memory each.
    pub max_pixels: u64,
    /// Longest side of the small one, in pixels.
    pub max_side: u32,
}

/// A small picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Width of the original.
    pub width: u32,
    /// Height of the original.
    pub height: u32,
    /// The small one, a JPEG.
    pub jpeg: Vec<u8>,
}

/// Why there is no small picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// It would take too much memory.
    #[error("the picture has {width} x {height} pixels; at most {max_pixels} are taken")]
    TooLarge {
        /// Its width.
        width: u64,
        /// Its height.
        height: u64,
        /// Most pixels.
        max_pixels: u64,
    },
    /// It is broken, or no picture at all.
    #[error("the picture can't be read: {0}")]
    Broken(String),
}

/// A decoded picture: rows of pixels of 1 to 4 bytes: grey, grey and alpha, RGB, RGBA.
struct Pixels {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

/// Makes a small picture of a PNG, JPEG, GIF (its first frame) or WebP.
pub fn preview(media_type: &str, bytes: &[u8], limits: &PreviewLimits) -> Result<Preview, PreviewError> {
    let pixels = match media_type {
        "image/png" => png(bytes, limits),
        "image/jpeg" => jpeg(bytes, limits),
        "image/gif" => gif(bytes, limits),
        "image/webp" => webp(bytes, limits),
        other => Err(PreviewError::Broken(format!("no picture is made of {other}"))),
    }?;
    let (width, height) = (side(pixels.width)?, side(pixels.height)?);
    Ok(Preview { width, height, jpeg: encode(&pixels.smaller(limits.max_side)?)? })
}

fn broken(error: impl std::fmt::Debug) -> PreviewError {
    PreviewError::Broken(format!("{error:?}").chars().take(200).collect())
}

fn side(pixels: usize) -> Result<u32, PreviewError> {
    u32::try_from(pixels).map_err(broken)
}

/// Refuses before anything is decoded.
fn check(width: u64, height: u64, limits: &PreviewLimits) -> Result<(), PreviewError> {
    if width == 0 || height == 0 {
        return Err(PreviewError::Broken("it has no pixels".to_owned()));
    }
    if width.saturating_mul(height) > limits.max_pixels {
        return Err(PreviewError::TooLarge { width, height, max_pixels: limits.max_pixels });
    }
    Ok(())
}

/// The decoders' own limits: a side alone may be as long as all pixels together.
fn options(limits: &PreviewLimits) -> DecoderOptions {
    let longest = usize::try_from(limits.max_pixels).unwrap_or(usize::MAX);
    DecoderOptions::default().set_max_width(longest).set_max_height(longest).png_set_strip_to_8bit(true)
}

fn png(bytes: &[u8], limits: &PreviewLimits) -> Result<Pixels, PreviewError> {
    let mut decoder = zune_png::PngDecoder::new_with_options(ZCursor::new(bytes), options(limits));
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| broken("no size"))?;
    check(width as u64, height as u64, limits)?;
    match decoder.decode().map_err(broken)? {
        DecodingResult::U8(data) => Ok(Pixels { width, height, data }),
        _ => Err(broken("more than 8 bits a channel")),
    }
}

fn jpeg(bytes: &[u8], limits: &PreviewLimits) -> Result<Pixels, PreviewError> {
    let options = options(limits).jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let info = decoder.info().ok_or_else(|| broken("no size"))?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    check(width as u64, height as u64, limits)?;
    Ok(Pixels { width, height, data: decoder.decode().map_err(broken)? })
}

fn gif(bytes: &[u8], limits: &PreviewLimits) -> Result<Pixels, PreviewError> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(broken)?;
    check(u64::from(decoder.width()), u64::from(decoder.height()), limits)?;
    let size = decoder.next_frame_info().map_err(broken)?.map(|frame| (frame.width, frame.height));
    let (width, height) = size.ok_or_else(|| broken("no frame"))?;
    check(u64::from(width), u64::from(height), limits)?;
    let mut data = vec![0; decoder.buffer_size()];
    decoder.read_into_buffer(&mut data).map_err(broken)?;
    Ok(Pixels { width: usize::from(width), height: usize::from(height), data })
}

fn webp(bytes: &[u8], limits: &PreviewLimits) -> Result<Pixels, PreviewError> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(broken)?;
    let (width, height) = decoder.dimensions();
    check(u64::from(width), u64::from(height), limits)?;
    let size = decoder.output_buffer_size().ok_or_else(|| broken("no size"))?;
    let mut data = vec![0; size];
    decoder.read_image(&mut data).map_err(broken)?;
    Ok(Pixels { width: width as usize, height: height as usize, data })
}

impl Pixels {
    /// The pixel as RGB; what can be seen through lies on white.
    fn rgb(&self, channels: usize, x: usize, y: usize) -> [u32; 3] {
        let at = (y * self.width + x) * channels;
        let part = |index: usize| u32::from(self.data[at + index]);
        let over_white = |colour: u32, alpha: u32| (colour * alpha + 255 * (255 - alpha)) / 255;
        match channels {
            1 => [part(0); 3],
            2 => [over_white(part(0), part(1)); 3],
            3 => [part(0), part(1), part(2)],
            _ => [0, 1, 2].map(|index| over_white(part(index), part(3))),
        }
    }

    /// As RGB, no side longer than `max_side`: each new pixel is the average of those it stands for.
    fn smaller(&self, max_side: u32) -> Result<Self, PreviewError> {
        let (width, height) = (self.width, self.height);
        let channels = self.data.len() / (width * height);
        if !(1..=4).contains(&channels) || self.data.len() < width * height * channels {
            return Err(broken("its size and its data differ"));
        }
        let longest = width.max(height).max(1);
        let target = longest.min(max_side.max(1) as usize);
        let scaled = |length: usize| (length * target / longest).max(1);
        let (new_width, new_height) = (scaled(width), scaled(height));
        let mut data = Vec::with_capacity(new_width * new_height * 3);
        for row in 0..new_height {
            let rows = span(row, height, new_height);
            for column in 0..new_width {
                let mut sum = [0_u32; 3];
                let mut count = 0;
                for y in rows.clone() {
                    for x in span(column, width, new_width) {
                        for (total, part) in sum.iter_mut().zip(self.rgb(channels, x, y)) {
                            *total = total.saturating_add(part);
                        }
                        count += 1;
                    }
                }
                data.extend(sum.map(|total| u8::try_from(total / count.max(1)).unwrap_or(u8::MAX)));
            }
        }
        Ok(Self { width: new_width, height: new_height, data })
    }
}

/// The old pixels that a new one stands for.
fn span(at: usize, from: usize, to: usize) -> std::ops::Range<usize> {
    let start = at * from / to;
    start..((at + 1) * from / to).max(start + 1).min(from)
}

fn encode(pixels: &Pixels) -> Result<Vec<u8>, PreviewError> {
    let side = |length: usize| u16::try_from(length).map_err(broken);
    let mut jpeg = Vec::new();
    jpeg_encoder::Encoder::new(&mut jpeg, QUALITY)
        .encode(&pixels.data, side(pixels.width)?, side(pixels.height)?, jpeg_encoder::ColorType::Rgb)
        .map_err(broken)?;
    Ok(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PreviewLimits = PreviewLimits { max_pixels: 1_000_000, max_side: 64 };

    /// A PNG without its pixels: the size alone has to be enough to refuse it.
    fn png_of_size(width: u32, height: u32) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(width.to_be_bytes());
        png.extend(height.to_be_bytes());
        png.extend(b"\x08\x06\0\0\0");
        png.extend([0; 4]);
        png
    }

    fn jpeg_of_size(width: u16, height: u16) -> Vec<u8> {
        let mut jpeg = Vec::new();
        let data = vec![200; usize::from(width) * usize::from(height) * 3];
        jpeg_encoder::Encoder::new(&mut jpeg, 90)
            .encode(&data, width, height, jpeg_encoder::ColorType::Rgb)
            .expect("encoded");
        jpeg
    }

    #[test]
    fn a_picture_becomes_a_small_one_of_the_same_shape() {
        let made = preview("image/jpeg", &jpeg_of_size(640, 320), &LIMITS).expect("a preview");
        assert_eq!((made.width, made.height), (640, 320));
        let again = preview("image/jpeg", &made.jpeg, &LIMITS).expect("it is a picture itself");
        assert_eq!((again.width, again.height), (64, 32));
    }

    #[test]
    fn webp_and_gif_are_read_and_alpha_lies_on_white() {
        let mut webp = Vec::new();
        let encoder = image_webp::WebPEncoder::new(&mut webp);
        encoder.encode(&[0, 0, 0, 0].repeat(16), 4, 4, image_webp::ColorType::Rgba8).expect("encoded");
        let made = preview("image/webp", &webp, &LIMITS).expect("a preview");
        let small = jpeg(&made.jpeg, &LIMITS).expect("a picture");
        assert!(small.data.iter().all(|part| *part > 250), "transparent is white");
        let mut bytes = Vec::new();
        let mut encoder = gif::Encoder::new(&mut bytes, 2, 2, &[255, 0, 0, 0, 0, 0]).expect("an encoder");
        let frame = gif::Frame { width: 2, height: 2, buffer: vec![0; 4].into(), ..gif::Frame::default() };
        encoder.write_frame(&frame).expect("a frame");
        drop(encoder);
        assert_eq!(preview("image/gif", &bytes, &LIMITS).expect("a preview").width, 2);
    }

    #[test]
    fn a_bomb_is_refused_by_its_size_alone() {
        let bomb = png_of_size(100_000, 100_000);
        let refused = preview("image/png", &bomb, &LIMITS).expect_err("refused");
        assert!(matches!(refused, PreviewError::TooLarge { .. } | PreviewError::Broken(_)), "{refused:?}");
        let refused = preview("image/jpeg", &jpeg_of_size(2000, 1000), &LIMITS).expect_err("refused");
        assert!(matches!(refused, PreviewError::TooLarge { width: 2000, height: 1000, .. }), "{refused:?}");
    }

    #[test]
    fn what_is_broken_is_refused() {
        for media_type in ["image/png", "image/jpeg", "image/gif", "image/webp", "text/html"] {
            let refused = preview(media_type, b"<html>", &LIMITS).expect_err(media_type);
            assert!(matches!(refused, PreviewError::Broken(_)), "{refused:?}");
        }
    }
}
