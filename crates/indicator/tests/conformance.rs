//! The public vectors of the suffix list and of the URL standard, where they
//! are at hand. The cases of our own beside each module cover the same ground.
#![expect(clippy::disallowed_methods, reason = "vectors are files; the crate itself reads none")]

use belfry_indicator::{
    Domain, EmbeddedSuffixes, Host, NameError, Suffixes, Url, UrlError, is_special_use,
};
use serde_json::Value;

fn vectors(path: &str) -> Option<Vec<Value>> {
    let text = std::fs::read_to_string(belfry_testbed::corpus(path)?).expect("vectors are text");
    let Value::Array(items) = serde_json::from_str(&text).expect("vectors are JSON") else {
        panic!("{path} is not an array")
    };
    Some(items.into_iter().filter(Value::is_object).collect())
}

#[test]
fn every_vector_of_the_public_suffix_list_passes() {
    let Some(path) = belfry_testbed::corpus("conformance/psl/test_psl.txt") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let mut checked = 0;
    for line in text.lines().filter(|line| line.contains("checkPublicSuffix(")) {
        let mut quoted = line.split('\'').skip(1).step_by(2);
        let input = quoted.next().unwrap_or_default();
        let expect = quoted.next().map(|name| Domain::parse(name).unwrap());
        // The list's makers left these out of the default rule's reach; so do we.
        let found = Domain::parse(input).ok().filter(|name| !is_special_use(name));
        let found = found.and_then(|name| EmbeddedSuffixes.registrable(&name));
        assert_eq!(found, expect, "{line}");
        checked += 1;
    }
    assert_eq!(checked, 82);
    println!("public suffix list: {checked} of 82 vectors pass");
}

/// The output that our rules give for a standard's output: one trailing dot
/// dropped; `None` where a DNS name is stricter than a URL's host.
fn as_domain(output: &str) -> Option<Domain> {
    Domain::from_canonical(output.strip_suffix('.').unwrap_or(output)).ok()
}

#[test]
fn names_map_to_ascii_as_the_url_standard_has_it() {
    let Some(vectors) = vectors("conformance/whatwg_url/toascii.json") else { return };
    let (mut names, mut refused, mut stricter) = (0, 0, 0);
    for vector in &vectors {
        let input = vector["input"].as_str().unwrap();
        let expect = vector["output"].as_str();
        match (Domain::parse(input), expect.and_then(as_domain)) {
            (Ok(found), Some(expect)) if found == expect => names += 1,
            (Err(_), None) if expect.is_none() => refused += 1,
            (Err(_), None) => stricter += 1,
            (found, _) => panic!("{vector}: {found:?}"),
        }
    }
    assert!(names > 0 && refused > 0, "no vector was recognised");
    println!(
        "toascii: {names} names and {refused} refusals agree; {stricter} hosts are no DNS name"
    );
}

/// Hosts of lawful URLs that no DNS name has, and that we refuse for it.
const NO_NAMES: [&str; 4] =
    ["http://./", "http://../", "http://!\"$&'()*+,-.;=_`{}~/", "http://foo.09.."];

#[test]
fn links_read_as_the_url_standard_has_it() {
    let Some(vectors) = vectors("conformance/whatwg_url/urltestdata.json") else { return };
    let (mut read, mut refused, mut stricter) = (0, 0, 0);
    for vector in &vectors {
        let input = vector["input"].as_str().unwrap();
        let web = matches!(vector["protocol"].as_str(), Some("http:" | "https:"));
        match (resolved(input, vector["base"].as_str()), vector["href"].as_str()) {
            (Ok(url), Some(href)) if url.as_str() == href => read += 1,
            (Err(_), None) => refused += 1,
            (Err(_), Some(_)) if !web => refused += 1,
            (Err(UrlError::Host(_)), Some(_)) if NO_NAMES.contains(&input) => stricter += 1,
            (found, _) => panic!("{vector}: {found:?}"),
        }
    }
    assert_eq!(stricter, NO_NAMES.len());
    println!(
        "urltestdata: {read} links and {refused} refusals of {} agree, {stricter} hosts are no DNS \
         name",
        vectors.len()
    );
    assert!(read > 100 && refused > 100, "no vector was recognised");
}

/// What a link in a document with this base leads to.
fn resolved(input: &str, base: Option<&str>) -> Result<Url, UrlError> {
    let syntax = |error: url::ParseError| UrlError::Syntax(error.to_string());
    match base {
        Some(base) => Url::join(&url::Url::parse(base).map_err(syntax)?, input),
        None => Url::parse(input),
    }
}

#[test]
fn a_host_never_holds_an_address_as_a_name() {
    assert_eq!(Domain::parse("192.0.2.1"), Err(NameError::Address));
    let url = Url::parse("http://192.0.2.1/").unwrap();
    assert!(matches!(url.host(), Host::Ipv4(_)));
}
