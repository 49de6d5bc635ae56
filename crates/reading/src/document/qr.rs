//! QR codes in a grey picture. One look is not enough: codes come inverted, tiny,
//! huge or pale, so the picture is looked at in several ways, cheapest first.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rqrr::PreparedImage;

use super::picture::Grey;

/// Codes taken from one picture.
const CODES_MAX: usize = 32;
/// The longest side that is looked at; larger pictures are made smaller.
const SIDE_MAX: usize = 2_000;
/// Below this side a picture is also looked at in double size.
const SIDE_SMALL: usize = 400;
/// The least difference between paper and ink.
const CONTRAST_MIN: u8 = 16;
/// The shortest side that can hold a code.
const SIDE_MIN: usize = 21;

/// What the codes hold, each once, in no order that means anything.
pub(super) fn find(grey: &Grey) -> Vec<String> {
    let mut found = Vec::new();
    if grey.width < SIDE_MIN || grey.height < SIDE_MIN {
        return found;
    }
    let side = grey.width.max(grey.height);
    let Some(first) = grey.shrunk(side.div_ceil(SIDE_MAX)).stretched() else {
        return found;
    };
    look(&first, &mut found);
    if found.is_empty() {
        look(&first.inverted(), &mut found);
        if found.is_empty() && side < SIDE_SMALL {
            look(&first.bordered().enlarged(), &mut found);
            look(&first.bordered().enlarged().inverted(), &mut found);
        }
        if found.is_empty() && side >= 2 * SIDE_SMALL {
            let small = first.shrunk(2);
            look(&small, &mut found);
            look(&small.inverted(), &mut found);
        }
    }
    found
}

fn look(grey: &Grey, found: &mut Vec<String>) {
    // The finder is others' code on hostile pixels; a panic is a code not found.
    let contents = catch_unwind(AssertUnwindSafe(|| {
        let pixel = |x, y| grey.pixels[y * grey.width + x];
        let mut prepared = PreparedImage::prepare_from_greyscale(grey.width, grey.height, pixel);
        let grids = prepared.detect_grids();
        let decoded = grids.iter().take(CODES_MAX).map(|grid| {
            let mut bytes = Vec::new();
            grid.decode_to(&mut bytes).ok().map(|_| String::from_utf8_lossy(&bytes).into_owned())
        });
        decoded.flatten().collect::<Vec<_>>()
    }));
    for content in contents.unwrap_or_default() {
        if !content.is_empty() && !found.contains(&content) && found.len() < CODES_MAX {
            found.push(content);
        }
    }
}

impl Grey {
    /// Each square of `by` × `by` pixels becomes their mean.
    fn shrunk(&self, by: usize) -> Grey {
        if by <= 1 {
            return self.clone();
        }
        let (width, height) = ((self.width / by).max(1), (self.height / by).max(1));
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0;
                for row in y * by..((y + 1) * by).min(self.height) {
                    let start = row * self.width + x * by;
                    let square = &self.pixels[start..start + by.min(self.width - x * by)];
                    sum += square.iter().map(|p| usize::from(*p)).sum::<usize>();
                }
                pixels.push(u8::try_from(sum / (by * by)).unwrap_or(u8::MAX));
            }
        }
        Grey { width, height, pixels }
    }

    /// Each pixel becomes four.
    fn enlarged(&self) -> Grey {
        let mut pixels = Vec::with_capacity(self.pixels.len() * 4);
        for row in self.pixels.chunks_exact(self.width) {
            let double: Vec<u8> = row.iter().flat_map(|p| [*p, *p]).collect();
            pixels.extend_from_slice(&double);
            pixels.extend_from_slice(&double);
        }
        Grey { width: self.width * 2, height: self.height * 2, pixels }
    }

    /// With a margin in the colour of its corner: codes are cut out without one.
    fn bordered(&self) -> Grey {
        const MARGIN: usize = 16;
        let corner = self.pixels.first().copied().unwrap_or(u8::MAX);
        // A code's own corner is dark; its margin is not.
        let paper = if corner < 128 { 255 - corner } else { corner };
        let (width, height) = (self.width + 2 * MARGIN, self.height + 2 * MARGIN);
        let mut pixels = vec![paper; width * height];
        for (y, row) in self.pixels.chunks_exact(self.width).enumerate() {
            let start = (y + MARGIN) * width + MARGIN;
            pixels[start..start + self.width].copy_from_slice(row);
        }
        Grey { width, height, pixels }
    }

    fn inverted(&self) -> Grey {
        let pixels = self.pixels.iter().map(|p| 255 - p).collect();
        Grey { width: self.width, height: self.height, pixels }
    }

    /// From black to white, however pale it was; a picture of one colour holds nothing.
    fn stretched(self) -> Option<Grey> {
        let (mut least, mut most) = (u8::MAX, 0);
        for &pixel in &self.pixels {
            least = least.min(pixel);
            most = most.max(pixel);
        }
        let range = most.checked_sub(least).filter(|range| *range >= CONTRAST_MIN)?;
        if range == u8::MAX {
            return Some(self);
        }
        let stretch = |p: u8| u8::try_from(u32::from(p - least) * 255 / u32::from(range));
        let pixels = self.pixels.iter().map(|p| stretch(*p).unwrap_or(u8::MAX)).collect();
        Some(Grey { pixels, ..self })
    }
}

#[cfg(test)]
mod tests;
