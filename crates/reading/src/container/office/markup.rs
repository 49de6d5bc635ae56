//! HTML as it is written here, within a bound.

/// A document that grows.
#[derive(Debug)]
pub(super) struct Markup {
    out: String,
    bytes_max: usize,
    /// Something did not fit.
    pub(super) full: bool,
}

impl Markup {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { out: String::new(), bytes_max, full: false }
    }

    /// Adds a tag that is written here.
    pub(super) fn tag(&mut self, tag: &str) {
        if self.out.len() + tag.len() > self.bytes_max {
            self.full = true;
        } else {
            self.out.push_str(tag);
        }
    }

    /// Adds text.
    pub(super) fn text(&mut self, text: &str) {
        if self.out.len() + text.len() > self.bytes_max {
            self.full = true;
            return;
        }
        for c in text.chars() {
            match c {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '&' => self.out.push_str("&amp;"),
                '"' => self.out.push_str("&quot;"),
                _ => self.out.push(c),
            }
        }
    }

    /// Adds a tag with one attribute.
    pub(super) fn open(&mut self, tag: &str, attribute: &str, value: &str) {
        self.tag(&format!("<{tag} {attribute}=\""));
        self.text(value);
        self.tag("\">");
    }

    pub(super) fn finish(self) -> String {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn text_is_escaped_and_bounded() {
        let mut markup = Markup::new(40);
        markup.open("a", "href", "x\"&<");
        markup.text(">");
        assert!(!markup.full);
        markup.text(&"y".repeat(40));
        assert!(markup.full);
        assert_eq!(markup.finish(), "<a href=\"x&quot;&amp;&lt;\">&gt;");
    }
}
