//! Does a value fit? Each look at a value costs a step, and steps are bounded: a schema of a few lines can ask for more
//! of them than there is time in the world.

use serde_json::{Map, Number, Value};

use super::value::{compare, equal, has_type, is_multiple, size};
use super::{Misfit, Schema};

const MOST_STEPS: u64 = 1_000_000;
const DEEPEST: u16 = 150;

pub(super) fn check(schema: &Schema, value: &Value) -> Result<(), Misfit> {
    let mut look = Look { schema, steps: MOST_STEPS, misfit: None, quiet: 0 };
    match look.fits(&schema.root, value, &Place::ROOT) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Misfit::At(look.misfit.unwrap_or_else(|| "the schema".to_owned()))),
        Err(Spent) => Err(Misfit::TooCostly),
    }
}

/// No steps are left.
struct Spent;

type Fits = Result<bool, Spent>;

/// Where in the schema, as a list that grows down the stack.
struct Place<'a> {
    outer: Option<&'a Place<'a>>,
    name: &'a str,
    depth: u16,
}

impl Place<'_> {
    const ROOT: Place<'static> = Place { outer: None, name: "", depth: 0 };

    fn within<'a>(&'a self, name: &'a str) -> Place<'a> {
        Place { outer: Some(self), name, depth: self.depth + 1 }
    }

    fn shown(&self) -> String {
        let mut names = Vec::new();
        let mut at = Some(self);
        while let Some(place) = at.filter(|place| place.outer.is_some()) {
            names.push(place.name);
            at = place.outer;
        }
        names.iter().rev().flat_map(|name| ["/", name]).collect()
    }
}

struct Look<'a> {
    schema: &'a Schema,
    steps: u64,
    /// The first part of the schema that something did not fit.
    misfit: Option<String>,
    /// Within `not`, `anyOf` and the like, where not to fit is no fault.
    quiet: u16,
}

impl Look<'_> {
    fn spend(&mut self, steps: u64) -> Result<(), Spent> {
        self.steps = self.steps.checked_sub(steps).ok_or(Spent)?;
        Ok(())
    }

    fn fits(&mut self, schema: &Value, value: &Value, place: &Place<'_>) -> Fits {
        self.spend(1)?;
        if place.depth > DEEPEST {
            return Err(Spent);
        }
        let fields = match schema {
            Value::Object(fields) => fields,
            other => return Ok(*other != Value::Bool(false) || self.misfits(place)),
        };
        for (name, wanted) in fields {
            if !self.keyword(fields, name, wanted, value, &place.within(name))? {
                return Ok(self.misfits(&place.within(name)));
            }
        }
        Ok(true)
    }

    /// Notes where; always `false`.
    fn misfits(&mut self, place: &Place<'_>) -> bool {
        if self.quiet == 0 && self.misfit.is_none() {
            self.misfit = Some(place.shown());
        }
        false
    }

    fn quietly(&mut self, schema: &Value, value: &Value, place: &Place<'_>) -> Fits {
        self.quiet += 1;
        let fits = self.fits(schema, value, place);
        self.quiet -= 1;
        fits
    }

    fn keyword(
        &mut self,
        fields: &Map<String, Value>,
        name: &str,
        wanted: &Value,
        value: &Value,
        place: &Place<'_>,
    ) -> Fits {
        match name {
            "$ref" => self.reference(wanted, value, place),
            "type" => Ok(match wanted {
                Value::Array(names) => {
                    names.iter().filter_map(Value::as_str).any(|name| has_type(value, name))
                }
                name => name.as_str().is_some_and(|name| has_type(value, name)),
            }),
            "const" => self.equals(wanted, value),
            "enum" => self.any_equals(wanted, value),
            "allOf" => self.all_of(wanted, value, place),
            "anyOf" => Ok(self.how_many(wanted, value, place, 1)? > 0),
            "oneOf" => Ok(self.how_many(wanted, value, place, 2)? == 1),
            "not" => Ok(!self.quietly(wanted, value, place)?),
            "if" => self.branch(fields, wanted, value, place),
            _ => match value {
                Value::Object(object) => self.of_object(fields, name, wanted, object, place),
                Value::Array(items) => self.of_array(fields, name, wanted, items, place),
                Value::String(text) => self.of_text(name, wanted, text),
                Value::Number(number) => Ok(of_number(name, wanted, number)),
                _ => Ok(true),
            },
        }
    }

    fn reference(&mut self, wanted: &Value, value: &Value, place: &Place<'_>) -> Fits {
        let schema = self.schema;
        let target = wanted.as_str().and_then(|reference| Schema::target(&schema.root, reference));
        // That it leads somewhere was seen when the schema was made.
        target.map_or(Ok(false), |target| self.fits(target, value, place))
    }

    fn equals(&mut self, wanted: &Value, value: &Value) -> Fits {
        self.spend(size(wanted).min(size(value)))?;
        Ok(equal(wanted, value))
    }

    fn any_equals(&mut self, wanted: &Value, value: &Value) -> Fits {
        for one in wanted.as_array().into_iter().flatten() {
            if self.equals(one, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn all_of(&mut self, wanted: &Value, value: &Value, place: &Place<'_>) -> Fits {
        for one in wanted.as_array().into_iter().flatten() {
            if !self.fits(one, value, place)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Counts up to `enough`.
    fn how_many(
        &mut self,
        wanted: &Value,
        value: &Value,
        place: &Place<'_>,
        enough: u8,
    ) -> Result<u8, Spent> {
        let mut fitting = 0;
        for one in wanted.as_array().into_iter().flatten() {
            fitting += u8::from(self.quietly(one, value, place)?);
            if fitting == enough {
                break;
            }
        }
        Ok(fitting)
    }

    fn branch(
        &mut self,
        fields: &Map<String, Value>,
        wanted: &Value,
        value: &Value,
        place: &Place<'_>,
    ) -> Fits {
        let name = if self.quietly(wanted, value, place)? { "then" } else { "else" };
        fields.get(name).map_or(Ok(true), |schema| self.fits(schema, value, &place.within(name)))
    }

    fn of_object(
        &mut self,
        fields: &Map<String, Value>,
        name: &str,
        wanted: &Value,
        object: &Map<String, Value>,
        place: &Place<'_>,
    ) -> Fits {
        match name {
            "properties" => {
                for (name, schema) in wanted.as_object().into_iter().flatten() {
                    if let Some(value) = object.get(name)
                        && !self.fits(schema, value, &place.within(name))?
                    {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            "patternProperties" => self.pattern_properties(wanted, object, place),
            "additionalProperties" => {
                for (name, value) in object {
                    if !self.is_named(fields, name)? && !self.fits(wanted, value, place)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            "propertyNames" => {
                for name in object.keys() {
                    if !self.fits(wanted, &Value::String(name.clone()), place)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            "required" => self.has_all(wanted, object),
            "dependentRequired" => {
                for (name, names) in wanted.as_object().into_iter().flatten() {
                    if object.contains_key(name) && !self.has_all(names, object)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            "dependentSchemas" => {
                for (name, schema) in wanted.as_object().into_iter().flatten() {
                    let whole = Value::Object(object.clone());
                    self.spend(size(&whole))?;
                    if object.contains_key(name) && !self.fits(schema, &whole, &place.within(name))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            "minProperties" => Ok(at_least(object.len(), wanted)),
            "maxProperties" => Ok(at_most(object.len(), wanted)),
            _ => Ok(true),
        }
    }

    fn has_all(&mut self, names: &Value, object: &Map<String, Value>) -> Fits {
        let names = names.as_array().map_or(&[][..], Vec::as_slice);
        self.spend(names.len() as u64)?;
        Ok(names.iter().filter_map(Value::as_str).all(|name| object.contains_key(name)))
    }

    fn pattern_properties(&mut self, wanted: &Value, object: &Map<String, Value>, place: &Place<'_>) -> Fits {
        for (pattern, schema) in wanted.as_object().into_iter().flatten() {
            for (name, value) in object {
                if self.matches(pattern, name)? && !self.fits(schema, value, &place.within(pattern))? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Do `properties` or `patternProperties` beside it speak of this name?
    fn is_named(&mut self, fields: &Map<String, Value>, name: &str) -> Fits {
        if fields.get("properties").and_then(Value::as_object).is_some_and(|named| named.contains_key(name)) {
            return Ok(true);
        }
        for pattern in
            fields.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(Map::keys)
        {
            if self.matches(pattern, name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn of_array(
        &mut self,
        fields: &Map<String, Value>,
        name: &str,
        wanted: &Value,
        items: &[Value],
        place: &Place<'_>,
    ) -> Fits {
        match name {
            "prefixItems" => self.each(wanted, items, place),
            "items" if wanted.is_array() => self.each(wanted, items, place),
            "items" | "additionalItems" => {
                let before = if name == "items" { fields.get("prefixItems") } else { fields.get("items") };
                // Beside a schema for all items, `additionalItems` says nothing.
                if name == "additionalItems" && !before.is_some_and(Value::is_array) {
                    return Ok(true);
                }
                let skipped = before.and_then(Value::as_array).map_or(0, Vec::len);
                for item in items.iter().skip(skipped) {
                    if !self.fits(wanted, item, place)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            "contains" => self.contains(fields, wanted, items, place),
            "minItems" => Ok(at_least(items.len(), wanted)),
            "maxItems" => Ok(at_most(items.len(), wanted)),
            "uniqueItems" if *wanted == Value::Bool(true) => self.are_unique(items),
            _ => Ok(true),
        }
    }

    fn each(&mut self, wanted: &Value, items: &[Value], place: &Place<'_>) -> Fits {
        for (schema, item) in wanted.as_array().into_iter().flatten().zip(items) {
            if !self.fits(schema, item, place)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn contains(
        &mut self,
        fields: &Map<String, Value>,
        wanted: &Value,
        items: &[Value],
        place: &Place<'_>,
    ) -> Fits {
        let mut fitting = 0;
        for item in items {
            fitting += usize::from(self.quietly(wanted, item, place)?);
        }
        let least = fields.get("minContains").map_or(fitting > 0, |least| at_least(fitting, least));
        Ok(least && fields.get("maxContains").is_none_or(|most| at_most(fitting, most)))
    }

    fn are_unique(&mut self, items: &[Value]) -> Fits {
        let sizes: Vec<u64> = items.iter().map(size).collect();
        for (at, item) in items.iter().enumerate() {
            for (before, size) in items[..at].iter().zip(&sizes) {
                self.spend(*size)?;
                if equal(before, item) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn of_text(&mut self, name: &str, wanted: &Value, text: &str) -> Fits {
        match name {
            "minLength" => Ok(at_least(text.chars().count(), wanted)),
            "maxLength" => Ok(at_most(text.chars().count(), wanted)),
            "pattern" => self.matches(wanted.as_str().unwrap_or_default(), text),
            _ => Ok(true),
        }
    }

    fn matches(&mut self, pattern: &str, text: &str) -> Fits {
        self.spend(1 + text.len() as u64 / 64)?;
        Ok(self.schema.patterns.get(pattern).is_some_and(|pattern| pattern.is_match(text)))
    }
}

fn of_number(name: &str, wanted: &Value, number: &Number) -> bool {
    let Value::Number(bound) = wanted else { return true };
    let order = || compare(number, bound);
    match name {
        "minimum" => order().is_some_and(std::cmp::Ordering::is_ge),
        "maximum" => order().is_some_and(std::cmp::Ordering::is_le),
        "exclusiveMinimum" => order().is_some_and(std::cmp::Ordering::is_gt),
        "exclusiveMaximum" => order().is_some_and(std::cmp::Ordering::is_lt),
        "multipleOf" => is_multiple(number, bound),
        _ => true,
    }
}

fn at_least(count: usize, wanted: &Value) -> bool {
    wanted.as_f64().is_none_or(|least| count as f64 >= least)
}

fn at_most(count: usize, wanted: &Value) -> bool {
    wanted.as_f64().is_none_or(|most| count as f64 <= most)
}
