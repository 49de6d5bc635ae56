//! The content of a page, run for its text and for what it draws. Only where text
//! stands matters, for lines and words; how it looks does not.

use lopdf::content::{Content, Operation};
use lopdf::{Document as Pdf, Object, ObjectId, Stream};

use super::fonts::Font;
use super::raster::{Matrix, Raster};
use super::resources::{Resources, of_form};
use super::{PAGE_BYTES_MAX, images};

/// Operations of one page, with its forms.
const OPERATIONS_MAX: usize = 2_000_000;
/// Forms within forms.
const FORMS_DEPTH_MAX: usize = 8;
/// Graphics states that are saved.
const STATES_MAX: usize = 256;
/// Octets of a page's text that are kept.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Images that stand in the content itself.
const INLINE_IMAGES_MAX: usize = 32;

/// A page as it is run.
pub(super) struct Page<'p> {
    pdf: &'p Pdf,
    operations: usize,
    inflatable: usize,
    /// Octets that its forms became.
    pub(super) inflated: usize,
    pub(super) images: Vec<ObjectId>,
    pub(super) inline_images: Vec<Stream>,
    pub(super) raster: Raster,
    state: State,
    saved: Vec<State>,
    text: String,
    /// Where the last string ended, on the page.
    end: Option<(f32, f32)>,
}

/// What `q` saves.
#[derive(Clone, Debug)]
struct State {
    matrix: Matrix,
    /// Grey of what is filled: 0 is black.
    fill: f32,
    font: Vec<u8>,
    size: f32,
    leading: f32,
    text: Matrix,
    line: Matrix,
}

impl<'p> Page<'p> {
    pub(super) fn new(pdf: &'p Pdf, inflatable: usize) -> Self {
        let state = State {
            matrix: Matrix::UNIT,
            fill: 0.0,
            font: Vec::new(),
            size: 1.0,
            leading: 0.0,
            text: Matrix::UNIT,
            line: Matrix::UNIT,
        };
        Self {
            pdf,
            operations: 0,
            inflatable,
            inflated: 0,
            images: Vec::new(),
            inline_images: Vec::new(),
            raster: Raster::default(),
            state,
            saved: Vec::new(),
            text: String::new(),
            end: None,
        }
    }

    /// The text, in the order written.
    pub(super) fn text(&self) -> String {
        self.text.clone()
    }

    /// Runs the content of the page, or of a form on it.
    pub(super) fn run(&mut self, content: &[u8], resources: &Resources, depth: usize) {
        for operation in Content::decode_iter(content) {
            self.operations += 1;
            let Ok(operation) = operation else { break };
            if self.operations > OPERATIONS_MAX {
                break;
            }
            self.operation(&operation, resources, depth);
        }
    }

    fn operation(&mut self, operation: &Operation, resources: &Resources, depth: usize) {
        let operands = operation.operands.as_slice();
        match operation.operator.as_str() {
            "q" if self.saved.len() < STATES_MAX => self.saved.push(self.state.clone()),
            "Q" => self.state = self.saved.pop().unwrap_or_else(|| self.state.clone()),
            "cm" => {
                if let Some(own) = matrix(operands) {
                    self.state.matrix = own.then(&self.state.matrix);
                }
            }
            "Do" => self.draw_object(operands, resources, depth),
            "BI" => {
                if let Some(Object::Stream(image)) = operands.first()
                    && self.inline_images.len() < INLINE_IMAGES_MAX
                {
                    self.inline_images.push(image.clone());
                }
            }
            "g" | "rg" | "k" | "sc" | "scn" => {
                self.state.fill = images::grey(&numbers(operands)).unwrap_or(self.state.fill);
            }
            "re" | "m" | "l" | "h" | "c" | "v" | "y" | "n" | "S" | "s" | "f" | "F" | "f*" | "B"
            | "B*" | "b" | "b*" => {
                let numbers = numbers(operands);
                let State { matrix, fill, .. } = &self.state;
                self.raster.path(&operation.operator, &numbers, matrix, *fill);
            }
            _ => self.text_operation(operation, resources),
        }
    }

    fn text_operation(&mut self, operation: &Operation, resources: &Resources) {
        let operands = operation.operands.as_slice();
        let number =
            |at: usize| operands.get(at).and_then(|o| o.as_float().ok()).unwrap_or_default();
        match operation.operator.as_str() {
            "BT" => self.begin_line(Matrix::UNIT),
            "Tf" => {
                let name = operands.first().and_then(|name| name.as_name().ok());
                self.state.font = name.unwrap_or_default().to_vec();
                self.state.size = number(1);
            }
            "TL" => self.state.leading = number(0),
            "Td" => self.move_line(number(0), number(1)),
            "TD" => {
                self.state.leading = -number(1);
                self.move_line(number(0), number(1));
            }
            "Tm" => {
                if let Some(own) = matrix(operands) {
                    self.begin_line(own);
                }
            }
            "T*" => self.move_line(0.0, -self.state.leading),
            "Tj" => self.show(operands, resources),
            "TJ" => {
                if let Some(Object::Array(pieces)) = operands.first() {
                    self.show(pieces, resources);
                }
            }
            "'" => {
                self.move_line(0.0, -self.state.leading);
                self.show(operands, resources);
            }
            "\"" => {
                self.move_line(0.0, -self.state.leading);
                self.show(operands.get(2..).unwrap_or_default(), resources);
            }
            _ => {}
        }
    }

    fn begin_line(&mut self, line: Matrix) {
        self.state.line = line;
        self.state.text = line;
    }

    fn move_line(&mut self, x: f32, y: f32) {
        let line = Matrix([1.0, 0.0, 0.0, 1.0, x, y]).then(&self.state.line);
        self.begin_line(line);
    }

    /// Shows strings; numbers between them move left, in thousandths.
    fn show(&mut self, pieces: &[Object], resources: &Resources) {
        let font = resources.fonts.get(&self.state.font);
        for piece in pieces {
            match piece {
                Object::String(bytes, _) => self.string(bytes, font),
                other => {
                    let back = other.as_float().unwrap_or_default();
                    self.advance(-back);
                }
            }
        }
    }

    fn string(&mut self, bytes: &[u8], font: Option<&Font>) {
        let text = match font {
            Some(font) => font.text(self.pdf, bytes),
            None => String::from_utf8_lossy(bytes).into_owned(),
        };
        let width = font.map_or(500.0, |font| font.width(bytes));
        self.separate();
        if self.text.len() < TEXT_BYTES_MAX {
            self.text.push_str(&text);
        }
        self.advance(width);
        self.end = Some(self.position());
    }

    fn advance(&mut self, thousandths: f32) {
        let x = thousandths / 1000.0 * self.state.size;
        self.state.text = Matrix([1.0, 0.0, 0.0, 1.0, x, 0.0]).then(&self.state.text);
    }

    fn position(&self) -> (f32, f32) {
        self.state.text.then(&self.state.matrix).apply(0.0, 0.0)
    }

    /// A line end where the next string stands on another line, a space where it
    /// stands apart.
    fn separate(&mut self) {
        let Some((end_x, end_y)) = self.end else {
            return;
        };
        let (x, y) = self.position();
        let whole = self.state.text.then(&self.state.matrix);
        let size = (self.state.size * whole.scale()).abs().max(0.01);
        if (y - end_y).abs() > size * 0.5 {
            if !self.text.ends_with('\n') {
                self.text.push('\n');
            }
        } else if (x - end_x > size * 0.2 || end_x - x > size) && !self.text.ends_with([' ', '\n'])
        {
            self.text.push(' ');
        }
    }

    fn draw_object(&mut self, operands: &[Object], resources: &Resources, depth: usize) {
        let name = operands.first().and_then(|name| name.as_name().ok());
        let id = name.and_then(|name| resources.objects.get(name));
        let object =
            id.and_then(|id| Some((*id, self.pdf.get_object(*id).ok()?.as_stream().ok()?)));
        let Some((id, stream)) = object else {
            return;
        };
        if images::is_image(stream) {
            self.images.push(id);
            return;
        }
        let most = self.inflatable.saturating_sub(self.inflated).min(PAGE_BYTES_MAX);
        if depth >= FORMS_DEPTH_MAX || most == 0 {
            return;
        }
        let Ok(content) = stream.get_plain_content_with_limit(most) else {
            self.inflated += most;
            return;
        };
        self.inflated += content.len().max(1);
        let before = self.state.clone();
        if let Ok(Object::Array(own)) = stream.dict.get(b"Matrix")
            && let Some(own) = matrix(own)
        {
            self.state.matrix = own.then(&self.state.matrix);
        }
        let own = of_form(self.pdf, &stream.dict);
        self.run(&content, own.as_ref().unwrap_or(resources), depth + 1);
        self.state = before;
    }
}

fn numbers(operands: &[Object]) -> Vec<f32> {
    operands.iter().filter_map(|operand| operand.as_float().ok()).collect()
}

fn matrix(operands: &[Object]) -> Option<Matrix> {
    <[f32; 6]>::try_from(numbers(operands)).ok().map(Matrix)
}
