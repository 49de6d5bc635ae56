//! The forms in which a link holds another: a parameter, base64, the rest of its path.

use data_encoding::{BASE64URL_NOPAD, Encoding};

use super::unescaped;

/// How a service's link holds its target.
pub(super) enum Form {
    /// Percent-encoded, in the first of these parameters.
    Parameter(&'static [&'static str]),
    /// Base64, in this parameter.
    Base64Parameter(&'static str),
    /// Only the host of the target, in this parameter.
    HostParameter(&'static str),
    /// Percent-encoded, as the rest of the path: `/TOKEN/https%3A%2F%2F…`.
    Tail,
    /// The path is host and path of an `https` URL: `/amp/s/host/path`.
    PathAsHost,
    /// After `#`.
    Fragment,
    /// Between `___` and `___`.
    Underscores,
    /// In the host: `shop-example-com.translate.goog`.
    Translated,
    /// `/RU=…/RK=…`.
    Yahoo,
    /// JSON within JSON in base64, in the parameter `p`.
    Mandrill,
}

impl Form {
    /// The target in a link of `host`, of which `after` follows the host.
    pub(super) fn read(&self, host: &str, after: &str) -> Option<String> {
        match self {
            Form::Parameter(names) => {
                names.iter().find_map(|name| target(&unescaped(parameter(after, name)?)))
            }
            Form::Base64Parameter(name) => target(&base64(&unescaped(parameter(after, name)?))?),
            Form::HostParameter(name) => {
                let host = unescaped(parameter(after, name)?);
                let lawful = host.contains('.') && !host.contains(['/', '@', ' ', '?', '#']);
                lawful.then(|| format!("http://{host}/"))
            }
            Form::Tail => after.match_indices('/').find_map(|(at, _)| {
                let rest = &after[at + 1..];
                let encoded = rest.len() > 7 && rest.get(..4)?.eq_ignore_ascii_case("http");
                // Amazon's tracker goes on behind the target.
                let end = if rest.contains("%2F") || rest.contains("%2f") {
                    rest.find('/')
                } else {
                    None
                };
                encoded.then(|| target(&unescaped(&rest[..end.unwrap_or(rest.len())]))).flatten()
            }),
            Form::PathAsHost => {
                let path = after.split_once("/s/")?.1;
                target(&format!("https://{}", unescaped(path)))
            }
            Form::Fragment => target(after.split_once('#')?.1),
            Form::Underscores => {
                let (_, rest) = after.split_once("___")?;
                target(rest.split_once("___")?.0)
            }
            Form::Translated => {
                let label = host.strip_suffix(".translate.goog")?;
                let name = label.replace("--", "\0").replace('-', ".").replace('\0', "-");
                name.contains('.').then(|| format!("https://{name}{after}"))
            }
            Form::Yahoo => {
                let (_, rest) = after.split_once("/RU=")?;
                target(&unescaped(rest.split('/').next()?))
            }
            Form::Mandrill => {
                // The JSON within is a string, whose quotes and slashes are escaped.
                let json = base64(&unescaped(parameter(after, "p")?))?.replace('\\', "");
                let (_, rest) = json.split_once("\"url\":\"")?;
                target(rest.split('"').next()?)
            }
        }
    }
}

/// The raw value of a parameter of the query; `&amp;` ends one too.
fn parameter<'t>(after: &'t str, name: &str) -> Option<&'t str> {
    let query = after.split_once('?')?.1;
    let query = query.split('#').next().unwrap_or(query);
    query.split('&').find_map(|pair| {
        let pair = pair.strip_prefix("amp;").unwrap_or(pair);
        let (key, value) = pair.split_once('=')?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// `text` where it is a web link; a scheme that is left out is added.
fn target(text: &str) -> Option<String> {
    let text = text.trim();
    let head = text.get(..text.len().min(8)).unwrap_or_default().to_ascii_lowercase();
    if head.starts_with("http:") || head.starts_with("https:") {
        return Some(text.to_owned());
    }
    let host = text.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default();
    let lawful = host.contains('.') && !host.contains([' ', ':', '=', '&', '%']);
    lawful.then(|| format!("http://{}", text.trim_start_matches('/')))
}

/// Text out of base64 of either alphabet, padded or not. Bing puts `a1` before it.
pub(super) fn base64(text: &str) -> Option<String> {
    let text = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let text = text.strip_prefix("a1").unwrap_or(&text);
    decode(&BASE64URL_NOPAD, text)
}

fn decode(encoding: &Encoding, text: &str) -> Option<String> {
    // Stray bits at the end, and a cut quantum, harm nothing.
    let whole = &text[..text.len() - usize::from(text.len() % 4 == 1)];
    let bytes = encoding
        .decode(whole.as_bytes())
        .or_else(|error| encoding.decode(&whole.as_bytes()[..error.position / 4 * 4]));
    String::from_utf8(bytes.ok()?).ok().filter(|text| !text.is_empty())
}
