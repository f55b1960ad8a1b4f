//! `{placeholder}`s, by CrewAI's rule: names of letters, digits, `_` and `-`; with no inputs at all nothing is replaced;
//! with inputs, a name that has no value is a problem. Texts stand as they are, other values as JSON.

use serde_json::{Map, Value};

use super::{Crew, Problem};

impl Crew {
    /// The crew with every placeholder of its roles, goals, backstories, descriptions and expected outputs filled from the
    /// definition's defaults and `run_inputs` (which win).
    pub fn interpolate(&self, run_inputs: &Map<String, Value>) -> Result<Self, Vec<Problem>> {
        let mut inputs = self.inputs.clone();
        inputs.extend(run_inputs.iter().map(|(name, value)| (name.clone(), value.clone())));
        let mut crew = self.clone();
        if inputs.is_empty() {
            return Ok(crew);
        }
        let mut problems = Vec::new();
        let mut fill_in = |field: String, text: &mut String| match fill(text, &inputs) {
            Ok(filled) => *text = filled,
            Err(name) => problems.push(Problem {
                field: format!("inputs.{name}"),
                message: format!("is missing: {field} of this crew uses {{{name}}}"),
            }),
        };
        for (at, agent) in crew.agents.iter_mut().enumerate() {
            fill_in(format!("agents[{at}].role"), &mut agent.role);
            fill_in(format!("agents[{at}].goal"), &mut agent.goal);
            fill_in(format!("agents[{at}].backstory"), &mut agent.backstory);
        }
        for (at, task) in crew.tasks.iter_mut().enumerate() {
            fill_in(format!("tasks[{at}].description"), &mut task.description);
            fill_in(format!("tasks[{at}].expected_output"), &mut task.expected_output);
        }
        if problems.is_empty() { Ok(crew) } else { Err(problems) }
    }

    /// The names a run of this crew asks for, in order of appearance, each once.
    pub fn placeholders(&self) -> Vec<String> {
        let agents = self.agents.iter().flat_map(|agent| [&agent.role, &agent.goal, &agent.backstory]);
        let tasks = self.tasks.iter().flat_map(|task| [&task.description, &task.expected_output]);
        let mut names: Vec<String> = Vec::new();
        for piece in agents.chain(tasks).flat_map(|text| pieces(text)) {
            if let Piece::Placeholder(name) = piece
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
            }
        }
        names
    }
}

#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

/// `Err` is the first name without a value.
fn fill(text: &str, inputs: &Map<String, Value>) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(plain) => filled.push_str(plain),
            Piece::Placeholder(name) => match inputs.get(name) {
                Some(Value::String(value)) => filled.push_str(value),
                Some(value) => filled.push_str(&value.to_string()),
                None => return Err(name.to_owned()),
            },
        }
    }
    Ok(filled)
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut plain_from, mut at) = (0, 0);
    while let Some(open) = text[at..].find('{').map(|found| at + found) {
        let name_end = placeholder_end(text, open + 1);
        if let Some(end) = name_end {
            pieces.push(Piece::Text(&text[plain_from..open]));
            pieces.push(Piece::Placeholder(&text[open + 1..end]));
            plain_from = end + 1;
        }
        at = name_end.map_or(open + 1, |end| end + 1);
    }
    pieces.push(Piece::Text(&text[plain_from..]));
    pieces
}

/// Where the closing brace is, when a placeholder's name starts at `from`.
fn placeholder_end(text: &str, from: usize) -> Option<usize> {
    let name = text.as_bytes().get(from..)?;
    let first = *name.first()?;
    if !first.is_ascii_alphabetic() && first != b'_' {
        return None;
    }
    let length =
        name.iter().take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-').count();
    (name.get(length) == Some(&b'}')).then_some(from + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, Value)]) -> Map<String, Value> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn names_are_replaced_and_other_braces_stay() {
        let inputs = values(&[("topic", "wind {x}".into()), ("n", 3.into()), ("on", true.into())]);
        assert_eq!(
            fill("{topic}: {n} {on} {{n}} { n} {1} {} {", &inputs).unwrap(),
            "wind {x}: 3 true {3} { n} {1} {} {"
        );
        assert_eq!(fill("é{topic}é", &inputs).unwrap(), "éwind {x}é");
    }

    #[test]
    fn a_name_without_a_value_is_named() {
        assert_eq!(fill("about {year-1}", &values(&[("a", 1.into())])), Err("year-1".to_owned()));
    }
}
