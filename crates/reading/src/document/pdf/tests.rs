//! PDF files made here, honest and hostile.

use belfry_indicator::EmbeddedSuffixes;
use lopdf::{Dictionary, Document as Pdf, Object, Stream, dictionary};
use qrcode::{Color, QrCode};

use crate::{DefectKind, Limits, LinkKind, Reading, Role, read_mail};

const URL: &str = "https://qr.example.org/pay?id=12345";

/// A file of one page with this content, annotations and images.
struct Draft {
    pdf: Pdf,
    content: Vec<u8>,
    annotations: Vec<Object>,
    images: Vec<Stream>,
    packed: bool,
}

impl Draft {
    fn new(content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        Draft {
            pdf: Pdf::with_version("1.5"),
            content,
            annotations: vec![],
            images: vec![],
            packed: false,
        }
    }

    fn link(mut self, action: Dictionary) -> Self {
        self.annotations.push(Object::Dictionary(dictionary! {
            "Type" => "Annot", "Subtype" => "Link", "Rect" => vec![0.into(), 0.into(), 9.into(), 9.into()],
            "A" => action,
        }));
        self
    }

    fn build(mut self) -> Vec<u8> {
        let pages = self.pdf.new_object_id();
        let mut objects = Dictionary::new();
        for (n, image) in self.images.into_iter().enumerate() {
            let id = self.pdf.add_object(image);
            objects.set(format!("I{n}"), id);
        }
        let font = self.pdf.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
        });
        let mut content = Stream::new(Dictionary::new(), self.content);
        if self.packed {
            content.compress().unwrap();
        }
        let content = self.pdf.add_object(content);
        let page = self.pdf.add_object(dictionary! {
            "Type" => "Page", "Parent" => pages, "Contents" => content, "Annots" => self.annotations,
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => font }, "XObject" => objects },
        });
        let kids = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
        self.pdf.objects.insert(pages, Object::Dictionary(kids));
        let catalog = self.pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
        self.pdf.trailer.set("Root", catalog);
        let mut bytes = Vec::new();
        self.pdf.save_to(&mut bytes).unwrap();
        bytes
    }
}

fn read(bytes: &[u8]) -> Reading {
    read_mail(bytes, &EmbeddedSuffixes, &Limits::default())
}

fn links(reading: &Reading) -> Vec<String> {
    let links = reading.links.iter();
    links
        .map(|l| format!("{:?} {} {}", l.kind, l.url, l.place.within.as_deref().unwrap_or("-")))
        .collect()
}

fn uri(url: &str) -> Dictionary {
    dictionary! { "S" => "URI", "URI" => Object::string_literal(url) }
}

/// Grey pixels of a code, `module` pixels a module.
fn code(module: usize) -> (usize, Vec<u8>) {
    let code = QrCode::new(URL).unwrap();
    let (colors, width) = (code.to_colors(), code.width());
    let side = (width + 8) * module;
    let dark = |x: usize, y: usize| {
        let (x, y) = (x / module, y / module);
        let inside = (4..width + 4).contains(&x) && (4..width + 4).contains(&y);
        inside && colors[(y - 4) * width + x - 4] == Color::Dark
    };
    let pixels = (0..side * side).map(|n| if dark(n % side, n / side) { 0 } else { 255 });
    (side, pixels.collect())
}

fn image(side: usize, bits: i64, space: impl Into<Object>, content: Vec<u8>) -> Stream {
    let side = i64::try_from(side).unwrap();
    let mut stream = Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => side, "Height" => side,
            "BitsPerComponent" => bits, "ColorSpace" => space,
        },
        content,
    );
    stream.compress().unwrap();
    stream
}

#[test]
fn what_can_be_clicked_is_found_with_its_page() {
    let script = dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("app.launchURL('https://js.example.org/x')") };
    let form = dictionary! { "S" => "SubmitForm", "F" => dictionary! { "F" => Object::string_literal("https://form.example.org/") } };
    let pdf = Draft::new("").link(uri("https://evil.example.org/login")).link(script).link(form);
    let reading = read(&pdf.build());
    assert_eq!(
        links(&reading),
        [
            "PdfAnnotation https://evil.example.org/login a PDF > page 1",
            "PdfAnnotation https://js.example.org/x a PDF > page 1",
            "Form https://form.example.org/ a PDF > page 1",
        ]
    );
    assert_eq!(reading.links[0].role, Role::CallToAction);
    assert!(reading.defects.is_empty(), "{:?}", reading.defects);
}

#[test]
fn text_keeps_its_words_and_lines() {
    let content = "BT /F1 12 Tf 72 700 Td (Betaal via ) Tj [(https://evil.exa) -10 (mple.org/x)] TJ \
                   0 -14 Td (Vandaag) Tj 1 0 0 1 200 686 Tm (nog) Tj T* ET";
    for packed in [false, true] {
        let reading = read(&Draft { packed, ..Draft::new(content) }.build());
        assert_eq!(reading.text, "Betaal via https://evil.example.org/x\nVandaag nog");
        assert_eq!(links(&reading), ["Text https://evil.example.org/x a PDF > page 1"]);
    }
}

#[test]
fn codes_in_images_of_every_layout_are_found() {
    let (side, grey) = code(4);
    let rgb: Vec<u8> = grey.iter().flat_map(|p| [*p; 3]).collect();
    let index: Vec<u8> = grey.iter().map(|p| u8::from(*p > 0)).collect();
    let bits: Vec<u8> = grey
        .chunks(side)
        .flat_map(|row| {
            row.chunks(8)
                .map(|eight| (0..8).map(|n| u8::from(eight.get(n) != Some(&0)) << (7 - n)).sum())
        })
        .collect();
    let indexed = vec![
        "Indexed".into(),
        "DeviceRGB".into(),
        1.into(),
        Object::string_literal(vec![0, 0, 0, 255, 255, 255]),
    ];
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut jpeg);
    let length = u32::try_from(side).unwrap();
    image::ImageEncoder::write_image(encoder, &grey, length, length, image::ExtendedColorType::L8)
        .unwrap();
    let mut dct = image(side, 8, "DeviceGray", vec![]);
    dct.dict.set("Filter", "DCTDecode");
    dct.content = jpeg;
    for (what, image) in [
        ("grey", image(side, 8, "DeviceGray", grey.clone())),
        ("rgb", image(side, 8, "DeviceRGB", rgb)),
        ("indexed", image(side, 8, indexed, index)),
        ("bits", image(side, 1, "DeviceGray", bits)),
        ("jpeg", dct),
    ] {
        let mut draft = Draft::new("q 100 0 0 100 0 0 cm /I0 Do Q");
        draft.images.push(image);
        let reading = read(&draft.build());
        assert_eq!(
            links(&reading),
            [format!("Qr {URL} a PDF > page 1")],
            "{what}: {:?}",
            reading.defects
        );
        assert_eq!(reading.links[0].role, Role::CallToAction);
    }
}

#[test]
fn codes_on_scanned_pages_are_found() {
    const SIDE: i64 = 148;
    let (g4, g3) =
        (include_bytes!("../../../fixtures/qr.g4"), include_bytes!("../../../fixtures/qr.g3"));
    let scan = |filter: &str, parameters: Dictionary, content: Vec<u8>| {
        let dictionary = dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => SIDE, "Height" => SIDE,
            "BitsPerComponent" => 1, "ColorSpace" => "DeviceGray", "Filter" => filter,
            "DecodeParms" => parameters,
        };
        Stream::new(dictionary, content)
    };
    let g4_parameters = || dictionary! { "K" => -1, "Columns" => SIDE };
    let found = |image: Stream| {
        let mut draft = Draft::new("/I0 Do");
        draft.images.push(image);
        read(&draft.build())
    };
    let jbig2 = super::scans::tests::jbig2(148, g4);
    for (what, image) in [
        ("group 4", scan("CCITTFaxDecode", g4_parameters(), g4.to_vec())),
        ("group 3", scan("CCF", dictionary! { "Columns" => SIDE }, g3.to_vec())),
        ("JBIG2", scan("JBIG2Decode", Dictionary::new(), jbig2.clone())),
    ] {
        let reading = found(image);
        let expect = ["Qr https://qr.example.org/pay?id=12345 a PDF > page 1"];
        assert_eq!(links(&reading), expect, "{what}: {:?}", reading.defects);
    }
    let huge = super::scans::tests::jbig2(100_000, g4);
    for (image, why) in [
        (scan("CCITTFaxDecode", dictionary! { "Columns" => 100_000 }, g4.to_vec()), "100000 × 148"),
        (scan("CCITTFaxDecode", g4_parameters(), vec![]), "fax coding"),
        (scan("JBIG2Decode", Dictionary::new(), huge), "100000 × 100000"),
        (scan("JBIG2Decode", Dictionary::new(), jbig2[..60].to_vec()), "cut short"),
        (scan("JPXDecode", Dictionary::new(), vec![]), "JPXDecode is not decoded"),
    ] {
        let reading = found(image);
        assert!(reading.defects[0].detail.contains(why), "{why}: {:?}", reading.defects);
    }
}

#[test]
fn a_code_drawn_with_rectangles_is_found() {
    let code = QrCode::new(URL).unwrap();
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let rectangles: String =
        dark.map(|(n, _)| format!("{} {} 1 1 re f\n", n % width, width - 1 - n / width)).collect();
    let content = format!("1 1 1 rg 0 0 600 800 re f 0 g q 2.5 0 0 2.5 72 500 cm {rectangles} Q");
    let reading = read(&Draft::new(content).build());
    assert_eq!(links(&reading), [format!("Qr {URL} a PDF > page 1")]);
}

#[test]
fn a_bomb_is_a_defect_and_costs_nothing_else() {
    let zeros = Draft { packed: true, ..Draft::new(vec![b' '; 40 << 20]) }
        .link(uri("https://evil.example.org/"));
    let reading = read(&zeros.build());
    assert_eq!(reading.links[0].host, "evil.example.org");
    assert!(
        reading.defects.iter().any(|d| d.kind == DefectKind::LimitReached),
        "{:?}",
        reading.defects
    );
    assert!(reading.work.inflated_bytes <= Limits::default().inflated_bytes_max);
    let mut draft = Draft::new("").link(uri("https://evil.example.org/"));
    draft.images.push(image(100_000, 8, "DeviceGray", vec![0; 1 << 20]));
    let reading = read(&draft.build());
    assert_eq!(reading.links.len(), 1);
    assert!(reading.defects[0].detail.contains("100000 × 100000 pixels"), "{:?}", reading.defects);
}

#[test]
fn forms_that_draw_themselves_end() {
    let mut draft = Draft::new("/I0 Do");
    let form = dictionary! { "Type" => "XObject", "Subtype" => "Form" };
    draft.images.push(Stream::new(form, b"/I0 Do /I0 Do BT /F1 9 Tf (deep) Tj ET".to_vec()));
    assert!(read(&draft.build()).text.contains("deep"));
}

#[test]
fn what_is_broken_is_a_defect_or_is_mended() {
    let whole =
        Draft::new("BT /F1 9 Tf (hello) Tj ET").link(uri("https://evil.example.org/")).build();
    let reading = read(b"%PDF-1.4\nnothing");
    assert_eq!(reading.defects[0].kind, DefectKind::Unread);
    let cut = &whole[..whole.len() - 100];
    let reading = read(cut);
    assert!(reading.links.len() == 1 || !reading.defects.is_empty());
    for step in 0..60 {
        let mut damaged = whole.clone();
        let at = step * whole.len() / 60;
        damaged[at] ^= 0x15;
        let _ = read(&damaged);
    }
}

#[test]
fn documents_can_be_left_out() {
    let pdf = Draft::new("").link(uri("https://evil.example.org/")).build();
    let limits = Limits { documents: false, ..Limits::default() };
    let reading = read_mail(&pdf, &EmbeddedSuffixes, &limits);
    assert!(reading.links.is_empty());
    assert_eq!(reading.defects[0].kind, DefectKind::Unread);
    assert!(!reading.links.iter().any(|l| l.kind == LinkKind::Qr));
}

#[test]
fn a_password_that_the_mail_gives_opens_it() {
    use lopdf::{EncryptionState, EncryptionVersion, Permissions};

    let bytes = Draft::new("").link(uri("https://evil.example.org/a")).build();
    let mut pdf = Pdf::load_mem(&bytes).unwrap();
    let id = Object::string_literal("0123456789abcdef");
    pdf.trailer.set("ID", vec![id.clone(), id]);
    let version = EncryptionVersion::V2 {
        document: &pdf,
        owner_password: "owner",
        user_password: "4711",
        key_length: 128,
        permissions: Permissions::all(),
    };
    let state = EncryptionState::try_from(version).unwrap();
    pdf.encrypt(&state).unwrap();
    let mut locked = Vec::new();
    pdf.save_to(&mut locked).unwrap();
    let locked = data_encoding::BASE64.encode(&locked);
    let mail = |text: &str| {
        format!(
            "From: a@example.com\nDate: Tue, 24 Nov 2026 10:00:00 +0100\nContent-Type: \
             multipart/mixed; boundary=o\n\n--o\n\n{text}\n--o\nContent-Type: application/pdf\n\
             Content-Transfer-Encoding: base64\n\n{locked}\n--o--\n"
        )
    };
    let reading = read(mail("Senha de acesso: 4711").as_bytes());
    assert_eq!(reading.links[0].url.as_str(), "https://evil.example.org/a");
    assert!(reading.defects.is_empty(), "{:?}", reading.defects);
    let reading = read(mail("Senha: 4712").as_bytes());
    assert!(reading.links.is_empty() && reading.defects[0].detail.contains("needs a password"));
}
