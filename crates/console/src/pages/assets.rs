//! Styles and scripts, from the binary. Their address holds the hash of them all, so
//! that browsers keep them until we change.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

const ALL: [(&str, &str, &str); 4] = [
    ("belfry.css", CSS, include_str!("../../assets/belfry.css")),
    ("belfry.js", JS, include_str!("../../assets/belfry.js")),
    ("passkey.js", JS, include_str!("../../assets/passkey.js")),
    ("report.js", JS, include_str!("../../assets/report.js")),
];

/// The part of their address that changes with them.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (_, _, text) in ALL {
        hash.update(text.as_bytes());
    }
    HEXLOWER.encode(&hash.finalize()[..8])
});

/// One of them; of an older address too, since a page may have been open all night.
pub(super) async fn asset(Path((version, name)): Path<(String, String)>) -> Response {
    let Some((_, kind, text)) = ALL.iter().find(|(known, _, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keep = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)];
    (headers, *text).into_response()
}
