//! What was seen of a page: data only, bounded where it was taken.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::Profile;

/// One page, as one kind of device saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capture {
    /// What was opened.
    pub requested: String,
    /// As whom.
    pub profile: Profile,
    /// How it ended. Whatever it says, it never clears a case.
    pub seen: Seen,
    /// That in words.
    pub why: String,
    /// Where the browser stood at the end.
    pub landed: String,
    /// The ways there, in order; the first is the page that was asked for.
    pub hops: Vec<Hop>,
    /// The title.
    pub title: String,
    /// The visible text.
    pub text: String,
    /// The forms, those of inner frames of the same site too.
    pub forms: Vec<Form>,
    /// The certificate of the page at the end.
    pub certificate: Option<Certificate>,
    /// Dialogs (`alert`, `confirm`, `prompt`) that were closed.
    pub dialogs: u32,
    /// Every host that was asked for, in order of first sight.
    pub addresses: Vec<Address>,
    /// Octets that came in.
    pub traffic_bytes: u64,
    /// Wall-clock time.
    pub took_ms: u64,
    /// The picture, as PNG; not part of the JSON.
    #[serde(skip)]
    pub picture: Vec<u8>,
}

/// How a capture ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// A page with something on it.
    Page,
    /// A page without text, form or picture: it may hide from us.
    Nothing,
    /// An error of the site or of the network.
    Error,
    /// An address that is not public, so it was not reached.
    Refused,
    /// A file to download, which was not taken.
    Download,
    /// A circle of redirects.
    Loop,
    /// More octets, connections, memory or time than a capture may use.
    Exceeded,
}

/// One way on to another page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// To where.
    pub url: String,
    /// By what.
    pub kind: HopKind,
    /// The status of the answer there, where it was seen.
    pub status: Option<u16>,
}

/// What leads on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HopKind {
    /// We asked for it.
    Asked,
    /// A status of 3xx.
    Redirect,
    /// A script, a meta refresh or a form that sent itself.
    Page,
}

/// One form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Where it posts, absolute.
    pub action: String,
    /// `get`, `post` or `dialog`.
    pub method: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// It asks for a password.
    pub password: bool,
    /// It posts to another host than the page's.
    pub elsewhere: bool,
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its type: `text`, `password`, `tel`.
    pub kind: String,
    /// Its name or id.
    pub name: String,
    /// What it says beside it or in it.
    pub label: String,
}

/// A certificate, as the browser saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Whose.
    pub subject: String,
    /// By whom.
    pub issuer: String,
    /// For which names.
    pub names: Vec<String>,
    /// Seconds since 1970 from which it holds.
    pub valid_from_seconds: i64,
    /// Seconds since 1970 until which it holds.
    pub valid_until_seconds: i64,
}

/// One host that a page asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Its name and port.
    pub host: String,
    /// The address that was connected to.
    pub address: Option<IpAddr>,
    /// Why it was not reached.
    pub refused: Option<String>,
}
