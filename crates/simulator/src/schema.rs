//! Values that satisfy a JSON schema: arguments for tools, structured answers.

use serde_json::{Map, Value, json};

use crate::text::{Sequence, sentences, word};

/// Nested deeper than this, a schema gets null: it may refer to itself.
const MAX_DEPTH: u8 = 12;

/// A value for `schema`, made from `seed`. `root` is where `$ref`s point into.
pub(crate) fn value(schema: &Value, root: &Value, seed: u64) -> Value {
    Maker { root, sequence: Sequence(seed) }.make(schema, 0)
}

struct Maker<'a> {
    root: &'a Value,
    sequence: Sequence,
}

impl Maker<'_> {
    fn make(&mut self, schema: &Value, depth: u8) -> Value {
        if depth > MAX_DEPTH {
            return Value::Null;
        }
        if let Some(fixed) =
            schema.get("const").or_else(|| schema.get("default")).filter(|fixed| !fixed.is_null())
        {
            return fixed.clone();
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
            return choices.get(self.sequence.below(choices.len())).cloned().unwrap_or(Value::Null);
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|to| self.resolve(to)) {
            return self.make(&target, depth + 1);
        }
        for many in ["anyOf", "oneOf", "allOf"] {
            if let Some(first) = schema.get(many).and_then(|of| of.get(0)) {
                return self.make(&first.clone(), depth + 1);
            }
        }
        self.by_type(schema, depth)
    }

    fn by_type(&mut self, schema: &Value, depth: u8) -> Value {
        let named = schema.get("type");
        let kind = named.and_then(|kind| kind.as_str().or_else(|| kind.get(0).and_then(Value::as_str)));
        match kind.unwrap_or("object") {
            "string" => Value::from(word(self.sequence.next())),
            "integer" => self.number(schema),
            "number" => self.number(schema),
            "boolean" => Value::from(true),
            "null" => Value::Null,
            "array" => {
                let item = schema.get("items").map(|items| self.make(items, depth + 1));
                Value::Array(item.into_iter().collect())
            }
            _ => self.object(schema, depth),
        }
    }

    fn number(&mut self, schema: &Value) -> Value {
        let low = schema.get("minimum").and_then(Value::as_i64).unwrap_or(1);
        let high = schema.get("maximum").and_then(Value::as_i64).unwrap_or(low.saturating_add(99));
        json!(
            low.saturating_add(self.sequence.below(high.saturating_sub(low).clamp(1, 1_000) as usize) as i64)
        )
    }

    fn object(&mut self, schema: &Value, depth: u8) -> Value {
        let mut object = Map::new();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let long =
                matches!(name.as_str(), "answer" | "summary" | "text" | "content" | "reason" | "reasoning");
            let is_text = property.get("type").and_then(Value::as_str) == Some("string");
            let made = if long && is_text {
                Value::from(sentences(self.sequence.next(), 8))
            } else {
                self.make(property, depth + 1)
            };
            object.insert(name.clone(), made);
        }
        Value::Object(object)
    }

    /// `#/$defs/Name` in the root schema.
    fn resolve(&self, reference: &str) -> Option<Value> {
        self.root.pointer(reference.strip_prefix('#')?).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_gets_every_property_with_its_type() {
        let schema = json!({"type": "object", "properties": {
            "city": {"type": "string"}, "days": {"type": "integer", "minimum": 3, "maximum": 3},
            "unit": {"enum": ["c", "f"]}, "inner": {"$ref": "#/$defs/Inner"}
        }, "$defs": {"Inner": {"type": "object", "properties": {"deep": {"type": "boolean"}}}}});
        let made = value(&schema, &schema, 1);
        assert!(made["city"].is_string());
        assert_eq!(made["days"], 3);
        assert!(["c", "f"].contains(&made["unit"].as_str().unwrap_or("")));
        assert_eq!(made["inner"]["deep"], true);
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({"$ref": "#/$defs/Node", "$defs": {"Node": {"type": "object",
            "properties": {"next": {"$ref": "#/$defs/Node"}}}}});
        assert!(value(&schema, &schema, 1).is_object());
    }
}
