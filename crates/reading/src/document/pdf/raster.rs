//! What a page draws of filled rectangles, as a picture: many programs draw a QR
//! code that way and not as an image.

use crate::document::picture::Grey;

/// Shapes kept of one page.
const SHAPES_MAX: usize = 50_000;
/// Shapes below which nothing drawn is a code.
const SHAPES_MIN: usize = 30;
/// Points kept of one path.
const POINTS_MAX: usize = 100_000;
/// Pixels for the side of the smallest module.
const MODULE: f32 = 4.0;
/// The longest side of the picture.
const SIDE_MAX: f32 = 1_600.0;

/// A matrix of PDF: `[a b c d e f]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix(pub(super) [f32; 6]);

impl Matrix {
    pub(super) const UNIT: Matrix = Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// This, and then `next`.
    pub(super) fn then(&self, next: &Matrix) -> Matrix {
        let [a, b, c, d, e, f] = self.0;
        let [na, nb, nc, nd, ne, nf] = next.0;
        Matrix([
            a * na + b * nc,
            a * nb + b * nd,
            c * na + d * nc,
            c * nb + d * nd,
            e * na + f * nc + ne,
            e * nb + f * nd + nf,
        ])
    }

    pub(super) fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f] = self.0;
        (x * a + y * c + e, x * b + y * d + f)
    }

    /// How much larger it makes things.
    pub(super) fn scale(&self) -> f32 {
        let [a, b, c, d, ..] = self.0;
        (a * d - b * c).abs().sqrt()
    }
}

/// A filled box.
#[derive(Clone, Copy, Debug)]
struct Shape {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
    grey: f32,
}

/// The shapes of a page, in the order drawn.
#[derive(Debug, Default)]
pub(super) struct Raster {
    shapes: Vec<Shape>,
    /// Subpaths of the path that is being made, as points on the page.
    path: Vec<Vec<(f32, f32)>>,
    points: usize,
}

impl Raster {
    /// Takes an operator that makes or fills a path.
    pub(super) fn path(&mut self, operator: &str, numbers: &[f32], matrix: &Matrix, fill: f32) {
        match (operator, numbers) {
            ("re", &[x, y, width, height]) => {
                let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)];
                self.begin();
                for (x, y) in corners {
                    self.point(matrix.apply(x, y));
                }
            }
            ("m", &[x, y]) => {
                self.begin();
                self.point(matrix.apply(x, y));
            }
            ("l", &[x, y]) => self.point(matrix.apply(x, y)),
            ("c", &[.., x, y]) | ("v" | "y", &[.., x, y]) => self.point(matrix.apply(x, y)),
            ("f" | "F" | "f*" | "B" | "B*" | "b" | "b*", _) => self.fill(fill),
            ("n" | "S" | "s", _) => self.clear(),
            _ => {}
        }
    }

    fn begin(&mut self) {
        if self.points < POINTS_MAX {
            self.path.push(Vec::new());
        }
    }

    fn point(&mut self, point: (f32, f32)) {
        self.points += 1;
        if self.points < POINTS_MAX
            && let Some(subpath) = self.path.last_mut()
        {
            subpath.push(point);
        }
    }

    fn clear(&mut self) {
        self.path.clear();
        self.points = 0;
    }

    fn fill(&mut self, grey: f32) {
        for subpath in &self.path {
            if self.shapes.len() >= SHAPES_MAX || subpath.len() < 3 {
                continue;
            }
            let (mut left, mut top, mut right, mut bottom) =
                (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
            for &(x, y) in subpath {
                (left, right) = (left.min(x), right.max(x));
                (top, bottom) = (top.min(y), bottom.max(y));
            }
            if [left, top, right, bottom].iter().all(|v| v.is_finite())
                && right > left
                && bottom > top
            {
                self.shapes.push(Shape { left, top, right, bottom, grey });
            }
        }
        self.clear();
    }

    /// The picture, where there are enough dark shapes for a code.
    pub(super) fn draw(&self) -> Option<Grey> {
        let dark: Vec<_> = self.shapes.iter().filter(|shape| shape.grey < 0.5).collect();
        if dark.len() < SHAPES_MIN {
            return None;
        }
        let edge = |start: f32, edge: fn(&Shape) -> f32, better: fn(f32, f32) -> f32| {
            dark.iter().map(|shape| edge(shape)).fold(start, better)
        };
        let (left, right) =
            (edge(f32::MAX, |s| s.left, f32::min), edge(f32::MIN, |s| s.right, f32::max));
        let (top, bottom) =
            (edge(f32::MAX, |s| s.top, f32::min), edge(f32::MIN, |s| s.bottom, f32::max));
        let module =
            dark.iter().map(|s| (s.right - s.left).min(s.bottom - s.top)).fold(f32::MAX, f32::min);
        let longest = (right - left).max(bottom - top);
        let scale = (MODULE / module.max(f32::MIN_POSITIVE)).min(SIDE_MAX / longest);
        let margin = 6.0 * MODULE;
        let (width, height) = (
            pixels((right - left) * scale + 2.0 * margin),
            pixels((bottom - top) * scale + 2.0 * margin),
        );
        let mut picture = vec![u8::MAX; width * height];
        for shape in &self.shapes {
            // The page's origin is below, the picture's above.
            let columns = pixels((shape.left - left) * scale + margin)
                ..pixels((shape.right - left) * scale + margin).min(width);
            let rows = pixels((bottom - shape.bottom) * scale + margin)
                ..pixels((bottom - shape.top) * scale + margin).min(height);
            let value = if shape.grey < 0.5 { 0 } else { u8::MAX };
            for row in rows {
                if let Some(line) = picture.get_mut(row * width..(row + 1) * width)
                    && let Some(line) = line.get_mut(columns.clone())
                {
                    line.fill(value);
                }
            }
        }
        Some(Grey { width, height, pixels: picture })
    }
}

/// A place among pixels; what lies outside is at the edge.
fn pixels(place: f32) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what a picture holds"
    )]
    let pixel = place.round().clamp(0.0, 4_096.0) as usize;
    pixel
}
