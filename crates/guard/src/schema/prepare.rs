//! Reads a schema once, when it is made: is every keyword what it must be, does every reference lead somewhere, does every
//! pattern compile?

use std::collections::{HashMap, HashSet};

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::{LARGEST_BYTES, Schema, SchemaError};

const DEEPEST: u8 = 64;
const MOST_PATTERNS: usize = 100;
const LONGEST_PATTERN_BYTES: usize = 1_000;
/// A compiled pattern and its tables.
const PATTERN_ROOM_BYTES: usize = 256 << 10;

const UNSUPPORTED: &[&str] =
    &["$dynamicRef", "$recursiveRef", "unevaluatedProperties", "unevaluatedItems", "extends", "disallow"];
/// Keywords whose value is a schema.
const ONE: &[&str] =
    &["additionalProperties", "propertyNames", "contains", "not", "if", "then", "else", "additionalItems"];
/// A list of schemas.
const LIST: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
/// Schemas by name.
const NAMED: &[&str] = &["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];
const COUNTS: &[&str] = &[
    "minProperties",
    "maxProperties",
    "minItems",
    "maxItems",
    "minContains",
    "maxContains",
    "minLength",
    "maxLength",
];
const NUMBERS: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const TYPES: &[&str] = &["null", "boolean", "object", "array", "number", "integer", "string"];

/// Every pattern in the schema, compiled.
pub(super) fn patterns(root: &Value) -> Result<HashMap<String, Regex>, SchemaError> {
    if root.to_string().len() > LARGEST_BYTES {
        return Err(SchemaError::TooLarge);
    }
    let mut reading = Reading { root, patterns: HashMap::new(), followed: HashSet::new() };
    reading.schema(root, 0)?;
    Ok(reading.patterns)
}

struct Reading<'a> {
    root: &'a Value,
    patterns: HashMap<String, Regex>,
    followed: HashSet<String>,
}

fn malformed(keyword: &str) -> SchemaError {
    SchemaError::Malformed(keyword.to_owned())
}

impl<'a> Reading<'a> {
    fn schema(&mut self, schema: &'a Value, depth: u8) -> Result<(), SchemaError> {
        if depth > DEEPEST {
            return Err(SchemaError::TooLarge);
        }
        let fields = match schema {
            Value::Bool(_) => return Ok(()),
            Value::Object(fields) => fields,
            _ => return Err(malformed("a schema that is neither an object nor true or false")),
        };
        for (name, value) in fields {
            self.keyword(name, value, depth)?;
        }
        // What older drafts call by the same name is something else.
        let is_nested = depth > 0 && fields.contains_key("$id");
        if is_nested { Err(SchemaError::Unsupported("$id".to_owned())) } else { Ok(()) }
    }

    fn keyword(&mut self, name: &str, value: &'a Value, depth: u8) -> Result<(), SchemaError> {
        if UNSUPPORTED.contains(&name) {
            return Err(SchemaError::Unsupported(name.to_owned()));
        }
        if ONE.contains(&name) {
            return self.schema(value, depth + 1);
        }
        if LIST.contains(&name) {
            let list = value.as_array().filter(|list| !list.is_empty()).ok_or_else(|| malformed(name))?;
            return list.iter().try_for_each(|one| self.schema(one, depth + 1));
        }
        if NAMED.contains(&name) {
            let named = value.as_object().ok_or_else(|| malformed(name))?;
            if name == "patternProperties" {
                named.keys().try_for_each(|pattern| self.pattern(pattern))?;
            }
            return named.values().try_for_each(|one| self.schema(one, depth + 1));
        }
        if COUNTS.contains(&name) {
            return value
                .as_f64()
                .filter(|n| *n >= 0.0 && n.fract() == 0.0)
                .map(drop)
                .ok_or_else(|| malformed(name));
        }
        if NUMBERS.contains(&name) {
            let fits = value.as_f64().is_some_and(|number| name != "multipleOf" || number > 0.0);
            return if fits { Ok(()) } else { Err(malformed(name)) };
        }
        self.other(name, value, depth)
    }

    fn other(&mut self, name: &str, value: &'a Value, depth: u8) -> Result<(), SchemaError> {
        let fits = match name {
            "type" => is_type(value),
            "enum" => value.is_array(),
            "required" => is_names(value),
            "dependentRequired" => value.as_object().is_some_and(|named| named.values().all(is_names)),
            "uniqueItems" => value.is_boolean(),
            "pattern" => return self.pattern(value.as_str().ok_or_else(|| malformed(name))?),
            "$ref" => return self.reference(value.as_str().ok_or_else(|| malformed(name))?, depth),
            // Until 2019-09, a list was what `prefixItems` is now.
            "items" => match value {
                Value::Array(list) => return list.iter().try_for_each(|one| self.schema(one, depth + 1)),
                one => return self.schema(one, depth + 1),
            },
            "dependencies" => return Err(SchemaError::Unsupported(name.to_owned())),
            _ => true,
        };
        if fits { Ok(()) } else { Err(malformed(name)) }
    }

    fn reference(&mut self, reference: &str, depth: u8) -> Result<(), SchemaError> {
        if !reference.starts_with('#') || (reference.len() > 1 && !reference.starts_with("#/")) {
            return Err(SchemaError::Unsupported(format!("$ref: {}", short(reference))));
        }
        if !self.followed.insert(reference.to_owned()) {
            return Ok(());
        }
        let target = Schema::target(self.root, reference);
        let target = target.ok_or_else(|| SchemaError::Unresolved(short(reference)))?;
        // The root has been begun already.
        if std::ptr::eq(target, self.root) { Ok(()) } else { self.schema(target, depth + 1) }
    }

    fn pattern(&mut self, pattern: &str) -> Result<(), SchemaError> {
        if self.patterns.contains_key(pattern) {
            return Ok(());
        }
        if self.patterns.len() >= MOST_PATTERNS || pattern.len() > LONGEST_PATTERN_BYTES {
            return Err(SchemaError::TooLarge);
        }
        let built = RegexBuilder::new(pattern)
            .size_limit(PATTERN_ROOM_BYTES)
            .dfa_size_limit(PATTERN_ROOM_BYTES)
            .nest_limit(50)
            .build()
            .map_err(|_| SchemaError::Pattern(short(pattern)))?;
        self.patterns.insert(pattern.to_owned(), built);
        Ok(())
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

fn is_names(value: &Value) -> bool {
    value.as_array().is_some_and(|names| names.iter().all(Value::is_string))
}

fn is_type(value: &Value) -> bool {
    let known = |name: &Value| name.as_str().is_some_and(|name| TYPES.contains(&name));
    match value {
        Value::Array(names) => !names.is_empty() && names.iter().all(known),
        name => known(name),
    }
}
