//! The one clock of the hub's HTTP handlers, and how its times are written:
//! RFC 3339, UTC, milliseconds. Never a local time, never a number.

use std::borrow::Cow;

use belfry_journal::UnixMillis;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};

/// Tells the time; `belfry` sets the system's, tests their own.
#[derive(Clone, Copy, Debug)]
pub struct Clock(pub fn() -> UnixMillis);

impl Clock {
    /// Now.
    pub fn now(self) -> UnixMillis {
        (self.0)()
    }
}

/// `2026-11-24T09:00:00.123Z`. A time past year 9999 is written as its last instant.
pub fn rfc3339(time: UnixMillis) -> String {
    let timestamp = i64::try_from(time.0)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .unwrap_or(jiff::Timestamp::MAX);
    format!("{timestamp:.3}")
}

/// Reads an RFC 3339 time with any offset; what is finer than a millisecond is cut off.
///
/// # Errors
/// [`TimeError`] where it is not RFC 3339, or is before 1970.
pub fn parse_rfc3339(text: &str) -> Result<UnixMillis, TimeError> {
    let timestamp: jiff::Timestamp = text.parse().map_err(|_| TimeError)?;
    u64::try_from(timestamp.as_millisecond()).map(UnixMillis).map_err(|_| TimeError)
}

/// A time that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time in RFC 3339 since 1970, such as 2026-11-24T09:00:00.123Z")]
pub struct TimeError;

/// A time as a field of a JSON body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub UnixMillis);

impl From<UnixMillis> for Timestamp {
    fn from(time: UnixMillis) -> Self {
        Self(time)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.0))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        parse_rfc3339(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<schema::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, UTC, with milliseconds"))
            .examples(["2026-11-24T09:00:00.123Z"])
            .into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Self::name().into_owned(), Self::schema()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_always_written() {
        assert_eq!(rfc3339(UnixMillis(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(UnixMillis(1_795_510_800_120)), "2026-11-24T09:00:00.120Z");
        assert_eq!(rfc3339(UnixMillis(u64::MAX)), "9999-12-30T22:00:00.999Z");
    }

    #[test]
    fn what_is_written_is_read() {
        for millis in [0, 1, 999, 1_000, 1_795_510_800_123] {
            let text = rfc3339(UnixMillis(millis));
            assert_eq!(parse_rfc3339(&text), Ok(UnixMillis(millis)), "{text}");
        }
    }

    #[test]
    fn offsets_are_converted_and_nonsense_refused() {
        assert_eq!(
            parse_rfc3339("2026-11-24T10:00:00.1239+01:00"),
            Ok(UnixMillis(1_795_510_800_123))
        );
        for text in ["", "yesterday", "2026-11-24", "1969-12-31T23:59:59Z", "2026-11-24T10:00:00"] {
            assert_eq!(parse_rfc3339(text), Err(TimeError), "{text}");
        }
    }

    #[test]
    fn a_timestamp_is_a_string_in_json() {
        let time = Timestamp(UnixMillis(1_795_510_800_120));
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(json, r#""2026-11-24T09:00:00.120Z""#);
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), time);
        assert!(serde_json::from_str::<Timestamp>("1795510800120").is_err());
    }
}
