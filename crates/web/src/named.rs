//! `Named<T>`: an object with named fields and nothing else.
//!
//! Where a struct is expected, serde also takes an array of its values in order:
//! fields without names, of which none could be refused as unknown.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// A struct that only an object is taken for, at whatever depth of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object(PhantomData))
    }
}

/// Takes an object and no array.
struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = Named<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with named fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Named<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Named)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::Named;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Point {
        x: u8,
        #[serde(default)]
        y: u8,
    }

    fn check(json: &str, expected: Result<Vec<u8>, &str>) {
        let read = serde_json::from_str::<Vec<Named<Point>>>(json);
        let read =
            read.map(|points| points.iter().map(|Named(point)| point.x).collect::<Vec<u8>>());
        match (read, expected) {
            (Ok(read), Ok(expected)) => assert_eq!(read, expected),
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (read, expected) => panic!("{read:?}, not {expected:?}"),
        }
    }

    #[test]
    fn only_objects_are_taken_for_structs() {
        check(r#"[{"x":1},{"x":2,"y":3}]"#, Ok(vec![1, 2]));
        check("[[1,2]]", Err("invalid type: sequence, expected an object with named fields"));
        check("[null]", Err("expected an object"));
        check(r#"[{"x":1,"z":2}]"#, Err("unknown field `z`"));
        check("[{}]", Err("missing field `x`"));
    }
}
