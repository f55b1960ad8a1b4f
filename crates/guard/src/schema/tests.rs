use proptest::prelude::*;
use serde_json::json;

use super::*;

fn fits(schema: Value, value: Value) -> bool {
    match Schema::new(schema.clone()).unwrap().check(&value) {
        Ok(()) => true,
        Err(Misfit::At(_)) => false,
        Err(other) => panic!("{schema} {value}: {other}"),
    }
}

#[test]
fn each_keyword_tells_what_fits_from_what_does_not() {
    for (schema, good, bad) in [
        (json!({"type": "integer"}), json!([1, 1.0, -3]), json!([1.5, "1", null, true])),
        (json!({"type": ["string", "null"]}), json!(["a", null]), json!([1, {}])),
        (json!({"enum": [1, "a", {"b": [2.0]}]}), json!([1.0, "a", {"b": [2]}]), json!([2, "b", {"b": []}])),
        (json!({"const": {"a": 1, "b": 2}}), json!([{"b": 2, "a": 1}]), json!([{"a": 1}])),
        (json!({"minimum": 2, "exclusiveMaximum": 4}), json!([2, 3.9, "x"]), json!([1, 4, 4.0])),
        (json!({"multipleOf": 0.1}), json!([0.3, 1, -2.5]), json!([0.35])),
        (json!({"minLength": 2, "maxLength": 3}), json!(["한글", "abc", 1]), json!(["a", "abcd"])),
        (json!({"pattern": "^a+$"}), json!(["aa", 3]), json!(["ab", ""])),
        (
            json!({"minItems": 1, "maxItems": 2, "items": {"type": "string"}}),
            json!([["a"]]),
            json!([[], [1], ["a", "b", "c"]]),
        ),
        (
            json!({"prefixItems": [{"type": "string"}], "items": false}),
            json!([["a"], []]),
            json!([[1], ["a", 1]]),
        ),
        (
            json!({"items": [{"type": "string"}], "additionalItems": false}),
            json!([["a"]]),
            json!([["a", "b"]]),
        ),
        (json!({"uniqueItems": true}), json!([[1, "1", [1]], []]), json!([[1, 1.0], [{"a": 1}, {"a": 1}]])),
        (
            json!({"contains": {"type": "null"}, "maxContains": 1}),
            json!([[1, null]]),
            json!([[1], [null, null]]),
        ),
        (json!({"contains": {"type": "null"}, "minContains": 0}), json!([[1], [null]]), json!([])),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false}),
            json!([{"a": "x"}]),
            json!([{}, {"a": 1}, {"a": "x", "b": 1}, []]),
        ),
        (
            json!({"patternProperties": {"^x-": {"type": "number"}}, "additionalProperties": {"type": "string"}}),
            json!([{"x-a": 1, "b": "c"}]),
            json!([{"x-a": "1"}, {"b": 1}]),
        ),
        (
            json!({"propertyNames": {"maxLength": 2}, "minProperties": 1, "maxProperties": 2}),
            json!([{"ab": 1}]),
            json!([{}, {"abc": 1}, {"a": 1, "b": 2, "c": 3}]),
        ),
        (json!({"dependentRequired": {"a": ["b"]}}), json!([{"a": 1, "b": 2}, {"c": 1}]), json!([{"a": 1}])),
        (
            json!({"dependentSchemas": {"a": {"required": ["b"]}}}),
            json!([{"a": 1, "b": 2}]),
            json!([{"a": 1}]),
        ),
        (json!({"allOf": [{"minimum": 1}, {"maximum": 2}]}), json!([1, 2]), json!([0, 3])),
        (json!({"anyOf": [{"type": "string"}, {"minimum": 5}]}), json!(["a", 5]), json!([4])),
        (json!({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]}), json!([2, 3]), json!([6, 5])),
        (json!({"not": {"type": "string"}}), json!([1]), json!(["a"])),
        (
            json!({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}}),
            json!(["ab", 2]),
            json!(["a", 1]),
        ),
        (json!({"then": false}), json!([1]), json!([])),
        (json!(true), json!([1, {}]), json!([])),
        (
            json!({"$defs": {"a b": {"type": "string"}}, "items": {"$ref": "#/$defs/a%20b"}}),
            json!([["x"]]),
            json!([[1]]),
        ),
        (
            json!({"properties": {"next": {"$ref": "#"}}, "additionalProperties": false}),
            json!([{"next": {"next": {}}}]),
            json!([{"next": {"other": 1}}]),
        ),
        (
            json!({"format": "email", "title": "t", "description": "d", "default": 3, "x-any": {}}),
            json!(["no address"]),
            json!([]),
        ),
        (
            json!({"minimum": 9007199254740993_i64}),
            json!([9007199254740993_i64]),
            json!([9007199254740992_i64]),
        ),
    ] {
        for value in good.as_array().unwrap() {
            assert!(fits(schema.clone(), value.clone()), "{value} fits {schema}");
        }
        for value in bad.as_array().unwrap() {
            assert!(!fits(schema.clone(), value.clone()), "{value} does not fit {schema}");
        }
    }
}

#[test]
fn a_misfit_says_where_in_the_schema_and_nothing_of_the_value() {
    let schema = Schema::new(json!({
        "properties": {"items": {"items": {"anyOf": [{"type": "string"}, {"required": ["price"]}]}}},
    }))
    .unwrap();
    let misfit = schema.check(&json!({"items": ["a", {"secret": 1}]})).unwrap_err();
    assert_eq!(misfit.to_string(), "it does not fit /properties/items/items/anyOf");
    assert_eq!(schema.check_text("{\"items\": ["), Err(Misfit::NotJson));
}

#[test]
fn a_schema_that_cannot_be_checked_is_refused() {
    let refused = |schema: Value| Schema::new(schema).unwrap_err();
    assert_eq!(
        refused(json!({"$ref": "https://example.com/s"})),
        SchemaError::Unsupported("$ref: https://example.com/s".into())
    );
    assert_eq!(refused(json!({"$ref": "#/$defs/a"})), SchemaError::Unresolved("#/$defs/a".into()));
    assert_eq!(
        refused(json!({"items": {"unevaluatedProperties": false}})),
        SchemaError::Unsupported("unevaluatedProperties".into())
    );
    assert_eq!(refused(json!({"type": "text"})), SchemaError::Malformed("type".into()));
    assert_eq!(refused(json!({"required": "a"})), SchemaError::Malformed("required".into()));
    assert_eq!(refused(json!({"pattern": "(?=a)"})), SchemaError::Pattern("(?=a)".into()));
    assert_eq!(
        refused(json!({"pattern": "(\\w{100}){100}"})),
        SchemaError::Pattern("(\\w{100}){100}".into())
    );
    assert!(matches!(refused(json!("object")), SchemaError::Malformed(_)));
    assert_eq!(refused(json!({"description": "x".repeat(LARGEST_BYTES)})), SchemaError::TooLarge);
    let deep = (0..70).fold(json!({}), |inner, _| json!({"not": inner}));
    assert_eq!(refused(deep), SchemaError::TooLarge);
    // Names of properties are no keywords.
    Schema::new(json!({"properties": {"pattern": {"type": "string"}, "$ref": {}, "required": {}}})).unwrap();
}

#[test]
fn a_schema_made_to_take_for_ever_is_given_up() {
    let turns = Schema::new(json!({"$ref": "#"})).unwrap();
    assert_eq!(turns.check(&json!(1)), Err(Misfit::TooCostly));
    let mut defs = serde_json::Map::new();
    for at in 0..24 {
        let next = json!({"$ref": format!("#/$defs/{}", at + 1)});
        defs.insert(at.to_string(), json!({"allOf": [next.clone(), next]}));
    }
    defs.insert("24".into(), json!(true));
    let doubling = Schema::new(json!({"$ref": "#/$defs/0", "$defs": defs})).unwrap();
    assert_eq!(doubling.check(&json!(1)), Err(Misfit::TooCostly));
    let many: Vec<u32> = (0..10_000).collect();
    assert_eq!(
        Schema::new(json!({"uniqueItems": true})).unwrap().check(&json!(many)),
        Err(Misfit::TooCostly)
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-c$]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let names = prop::sample::select(vec![
            "type",
            "items",
            "$ref",
            "allOf",
            "not",
            "properties",
            "required",
            "a",
            "enum",
            "pattern",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..4).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_sent_as_a_schema_it_is_refused_or_decides(schema in any_json(), value in any_json()) {
        if let Ok(schema) = Schema::new(schema) {
            let _ = schema.check(&value);
        }
    }

    #[test]
    fn what_fits_does_not_fit_its_negation(value in any_json(), wanted in any_json()) {
        if let Ok(schema) = Schema::new(wanted.clone()) {
            let negation = Schema::new(json!({"not": wanted, "$defs": {}}));
            // References mean another document there.
            prop_assume!(!schema.root.to_string().contains("$ref"));
            if let Ok(negation) = negation {
                prop_assert_ne!(schema.check(&value).is_ok(), negation.check(&value).is_ok());
            }
        }
    }
}
