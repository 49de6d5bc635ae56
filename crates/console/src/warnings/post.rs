//! What a hook is sent when something happens to a warning: JSON, signed as Standard Webhooks
//! has it (an HMAC over id, time and body), so that existing libraries check it.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use belfry_casebook::warning::{HookDue, LANGUAGES, WarningAct, WarningFile};
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::UnixMillis;
use belfry_web::rfc3339;
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use crate::state::Site;

/// One post, ready to be sent.
#[derive(Clone, Debug)]
pub struct Post {
    /// Whom and about what; carries the address.
    pub due: HookDue,
    /// `webhook-id`: the same in every try.
    pub id: String,
    /// `webhook-timestamp`.
    pub seconds: u64,
    /// `webhook-signature`.
    pub signature: String,
    /// The JSON.
    pub body: String,
}

/// The posts that are due now.
///
/// # Errors
/// [`StoreError`].
pub async fn posts(
    casebook: &Casebook,
    site: &Site,
    now: UnixMillis,
) -> Result<Vec<Post>, StoreError> {
    let mut posts = Vec::new();
    for due in casebook.hooks_due(now).await? {
        let Some(file) = casebook.warning(due.told.warning).await? else { continue };
        posts.push(post(due, &file, site, now));
    }
    Ok(posts)
}

fn post(due: HookDue, file: &WarningFile, site: &Site, now: UnixMillis) -> Post {
    let body = body(&due, file, site).to_string();
    let id = format!("warning-{}-{}", due.told.id, due.hook.name);
    let seconds = now.0 / 1_000;
    let signed = format!("{id}.{seconds}.{body}");
    let tag = sign(&Key::new(HMAC_SHA256, &due.secret), signed.as_bytes());
    let signature = format!("v1,{}", BASE64.encode(tag.as_ref()));
    Post { due, id, seconds, signature, body }
}

/// What is told; of what was withdrawn, only that it was.
fn body(due: &HookDue, file: &WarningFile, site: &Site) -> Value {
    let told = &due.told;
    let (origin, id) = (&site.party.origin, told.warning);
    let mut data = json!({
        "id": id,
        "version": told.version,
        "url": format!("{origin}/warnings/{id}"),
        "brand": file.warning.brand,
    });
    let version = file.versions.iter().find(|one| one.version == told.version);
    // A try that comes late must not spread what was withdrawn meanwhile.
    if let (None, Some(version)) = (&file.warning.withdrawn, version)
        && told.act != WarningAct::Withdrawn
    {
        let text = |(language, text): (&str, &belfry_casebook::warning::WarningText)| {
            (language.to_owned(), json!({ "title": text.title, "text": text.body }))
        };
        let texts: Map<String, Value> =
            LANGUAGES.into_iter().zip(&version.texts).map(text).collect();
        data["languages"] = Value::Object(texts);
    }
    json!({
        "type": format!("warning.{}", told.act.name()),
        "timestamp": rfc3339(told.at),
        "data": data,
    })
}

#[cfg(test)]
mod tests {
    use belfry_casebook::Settings;
    use belfry_casebook::access::{Admin, Authority, Principal, Proof, Role};
    use belfry_casebook::warning::{WarningDraft, WarningText};

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_795_510_800_000);

    fn person<A: Authority>(name: &str) -> A {
        let proof = Proof::Passkey { at: NOW };
        Principal { name: format!("person:{name}"), role: Role::Admin, proof }.authorize().unwrap()
    }

    #[tokio::test]
    async fn a_post_is_signed_as_standard_webhooks_has_it_and_forgets_what_is_withdrawn() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data: folder.path().to_owned() };
        let book = Casebook::open(&settings, NOW).await.unwrap();
        let admin: Admin = person("root");
        let secret = book.add_hook(&admin, "police", "https://p.example/", NOW).await.unwrap();
        let text = WarningText { title: "Beware".into(), body: "of evil[.]example".into() };
        let texts = [text.clone(), text.clone(), text.clone(), text];
        let draft = WarningDraft { texts, ..WarningDraft::default() };
        let id = book.draft_warning(&person("ann"), &draft, NOW).await.unwrap();
        book.approve_warning(&person("bob"), (id, 1), NOW).await.unwrap();
        let site = Site::new("https://r.example").unwrap();
        let post = posts(&book, &site, NOW).await.unwrap().remove(0);
        assert_eq!((post.id.as_str(), post.seconds), ("warning-1-police", 1_795_510_800));
        let key = Key::new(HMAC_SHA256, &secret);
        let tag = BASE64.decode(post.signature.strip_prefix("v1,").unwrap().as_bytes()).unwrap();
        let signed = format!("warning-1-police.1795510800.{}", post.body);
        aws_lc_rs::hmac::verify(&key, signed.as_bytes(), &tag).unwrap();
        let body: Value = serde_json::from_str(&post.body).unwrap();
        assert_eq!(body["type"], "warning.published");
        assert_eq!(body["data"]["languages"]["de"]["text"], "of evil[.]example");
        assert_eq!(body["data"]["url"], "https://r.example/warnings/1");
        book.withdraw_warning(&person("ann"), id, "a mistake", NOW).await.unwrap();
        let late = posts(&book, &site, NOW).await.unwrap().remove(0);
        assert!(!late.body.contains("evil") && !late.body.contains("mistake"), "{}", late.body);
    }
}
