//! Codes made by another library, drawn as people meet them.

use qrcode::{Color, EcLevel, QrCode};

use super::find;
use crate::document::picture::Grey;

const URL: &str = "https://evil.example.org/login?token=0123456789abcdef";

/// A code drawn with `module` pixels a module, dark on light, with a margin.
fn draw(content: &str, module: usize, margin: usize, dark: u8, light: u8) -> Grey {
    let code = QrCode::with_error_correction_level(content, EcLevel::M).unwrap();
    let colors = code.to_colors();
    let side = code.width() * module + 2 * margin;
    let mut pixels = vec![light; side * side];
    for (n, _) in colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let (x, y) = (n % code.width() * module + margin, n / code.width() * module + margin);
        for row in y..y + module {
            pixels[row * side + x..row * side + x + module].fill(dark);
        }
    }
    Grey { width: side, height: side, pixels }
}

/// Turned by `degrees` about its middle, on a larger canvas.
fn turned(grey: &Grey, degrees: f64) -> Grey {
    let side = grey.width * 3 / 2;
    let (sin, cos) = degrees.to_radians().sin_cos();
    let middle = |side: usize| f64::from(u32::try_from(side).unwrap()) / 2.0;
    let light = grey.pixels[0];
    let mut pixels = vec![light; side * side];
    for y in 0..side {
        for x in 0..side {
            let (dx, dy) = (middle(2 * x) - middle(side), middle(2 * y) - middle(side));
            let (sx, sy) = (
                dx * cos + dy * sin + middle(grey.width),
                dy * cos - dx * sin + middle(grey.width),
            );
            let inside = |v: f64| (0.0..middle(2 * grey.width)).contains(&v);
            if inside(sx) && inside(sy) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "inside the picture"
                )]
                let at = sy as usize * grey.width + sx as usize;
                pixels[y * side + x] = grey.pixels[at];
            }
        }
    }
    Grey { width: side, height: side, pixels }
}

fn check(grey: &Grey, what: &str) {
    assert_eq!(find(grey), [URL], "{what}");
}

#[test]
fn codes_of_all_sizes_are_found() {
    for (module, margin) in [(2, 8), (3, 12), (4, 16), (8, 32), (20, 80), (60, 200)] {
        check(&draw(URL, module, margin, 0, 255), &format!("{module} pixels a module"));
    }
}

#[test]
fn codes_without_a_margin_are_found() {
    for module in [3, 6] {
        check(&draw(URL, module, 0, 0, 255), &format!("no margin, {module} pixels a module"));
    }
}

#[test]
fn inverted_and_pale_codes_are_found() {
    for (dark, light) in [(255, 0), (200, 20), (120, 160), (215, 250), (0, 60)] {
        check(&draw(URL, 6, 24, dark, light), &format!("{dark} on {light}"));
    }
}

#[test]
fn turned_codes_are_found() {
    for degrees in [10.0, 45.0, 90.0, 135.0, 180.0, 213.0, 270.0] {
        check(&turned(&draw(URL, 6, 24, 0, 255), degrees), &format!("turned by {degrees}"));
    }
}

#[test]
fn several_codes_in_one_picture_are_found() {
    let (one, two) = (draw(URL, 4, 16, 0, 255), draw("WIFI:S:x;;", 4, 16, 0, 255));
    let (width, height) = (one.width + two.width, one.height.max(two.height));
    let mut pixels = vec![255; width * height];
    for (grey, shift) in [(&one, 0), (&two, one.width)] {
        for (y, row) in grey.pixels.chunks_exact(grey.width).enumerate() {
            pixels[y * width + shift..y * width + shift + grey.width].copy_from_slice(row);
        }
    }
    let mut found = find(&Grey { width, height, pixels });
    found.sort();
    assert_eq!(found, ["WIFI:S:x;;", URL]);
}

#[test]
fn what_is_no_code_holds_nothing() {
    for (width, height) in [(0, 0), (20, 20), (1, 500), (300, 300)] {
        let noise = (0..width * height).map(|n| u8::try_from(n * 7_919 % 251).unwrap());
        let pixels = noise.collect();
        assert!(find(&Grey { width, height, pixels }).is_empty());
    }
    assert!(find(&Grey { width: 100, height: 100, pixels: vec![9; 10_000] }).is_empty());
}
