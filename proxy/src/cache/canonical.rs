//! One form for all ways to write the same JSON, straight into a hash: names in order, no spaces, escapes read.
//!
//! An object that holds a name twice has no such form: parsers differ in which of the two they take, and one caller could
//! make the answer to one question stand as the answer to another.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

#[derive(Debug)]
pub(super) enum Canonical {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Canonical>),
    Object(BTreeMap<String, Canonical>),
}

impl Canonical {
    /// `None`: it has no canonical form.
    pub(super) fn of(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// Each value begins with its kind, and what has a length with that: no two values give the same bytes.
    pub(super) fn hash(&self, into: &mut blake3::Hasher) {
        let text = |into: &mut blake3::Hasher, kind: &[u8], text: &str| {
            into.update(kind);
            into.update(&(text.len() as u64).to_le_bytes());
            into.update(text.as_bytes());
        };
        match self {
            Self::Null => drop(into.update(b"z")),
            Self::Bool(value) => drop(into.update(if *value { b"t" } else { b"f" })),
            Self::Number(number) => text(into, b"n", number),
            Self::Text(value) => text(into, b"s", value),
            Self::List(items) => {
                into.update(b"l");
                into.update(&(items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| item.hash(into));
            }
            Self::Object(fields) => {
                into.update(b"o");
                into.update(&(fields.len() as u64).to_le_bytes());
                for (name, value) in fields {
                    text(into, b"k", name);
                    value.hash(into);
                }
            }
        }
    }
}

impl<'de> Deserialize<'de> for Canonical {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Canonical;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Canonical, E> {
        Ok(Canonical::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Canonical, E> {
        Ok(Canonical::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Canonical, E> {
        Ok(Canonical::Number(value.to_string()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Canonical, E> {
        Ok(Canonical::Number(value.to_string()))
    }

    /// Also what is too long for an integer: two of those that differ far behind are not told apart, so they have no form.
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Canonical, E> {
        if value.abs() >= 9_007_199_254_740_992.0 {
            return Err(E::custom("a number that is not exact"));
        }
        Ok(Canonical::Number(format!("{value:?}")))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Canonical, E> {
        Ok(Canonical::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Canonical, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Canonical::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Canonical, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((name, value)) = entries.next_entry::<String, Canonical>()? {
            if fields.insert(name, value).is_some() {
                return Err(de::Error::custom("a name that stands twice"));
            }
        }
        Ok(Canonical::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn hash(json: &str) -> Option<blake3::Hash> {
        let mut hasher = blake3::Hasher::new();
        Canonical::of(json.as_bytes())?.hash(&mut hasher);
        Some(hasher.finalize())
    }

    #[test]
    fn the_same_value_has_one_form_however_it_is_written() {
        let one = hash(r#"{"a":[1,"é",null],"b":{"x":true}}"#);
        assert!(one.is_some());
        assert_eq!(one, hash("{ \"b\" : {\"x\":true},\n\"a\":[1,\"\\u00e9\",null]}"));
        assert_eq!(hash(r#"{"a":1,"a":2}"#), None, "parsers differ in which one they take");
        assert_eq!(hash("[123456789012345678901234567890]"), None);
        assert_ne!(hash(r#"["a","b"]"#), hash(r#"["ab"]"#));
        assert_ne!(hash(r#"["1"]"#), hash("[1]"));
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(|value| json!(value)),
            any::<i32>().prop_map(|value| json!(value)),
            "[ab\\\\\"]{0,3}".prop_map(|value| json!(value)),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(|items| json!(items)),
                prop::collection::btree_map("[ab]{0,2}", inner, 0..3).prop_map(|fields| json!(fields)),
            ]
        })
    }

    proptest! {
        #[test]
        fn different_values_have_different_forms(one in values(), other in values()) {
            prop_assert_eq!(one == other, hash(&one.to_string()) == hash(&other.to_string()));
        }
    }
}
