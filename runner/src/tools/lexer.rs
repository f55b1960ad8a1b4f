//! Splits an arithmetic expression into tokens. `**` is read as `^`, `×` and `÷` as `*` and `/`.

use std::fmt;

use rust_decimal::Decimal;

use super::calculator::CalculatorError;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Number(Decimal),
    Name(&'a str),
    /// One of `+ - * / % ^ ( ) ,`.
    Symbol(&'static str),
    End,
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => write!(f, "number {value}"),
            Self::Name(name) => write!(f, "name '{name}'"),
            Self::Symbol(symbol) => write!(f, "'{symbol}'"),
            Self::End => f.write_str("end of the expression"),
        }
    }
}

pub(super) struct Lexer<'a> {
    rest: &'a str,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(expression: &'a str) -> Self {
        Self { rest: expression }
    }

    pub(super) fn token(&mut self) -> Result<Token<'a>, CalculatorError> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else { return Ok(Token::End) };
        if first.is_ascii_digit() || first == '.' {
            return self.number();
        }
        if first.is_ascii_alphabetic() {
            let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
            return Ok(Token::Name(name));
        }
        if let Some(rest) = self.rest.strip_prefix("**") {
            self.rest = rest;
            return Ok(Token::Symbol("^"));
        }
        let symbol = match first {
            '+' => "+",
            '-' | '−' => "-",
            '*' | '×' => "*",
            '/' | '÷' => "/",
            '%' => "%",
            '^' => "^",
            '(' => "(",
            ')' => ")",
            ',' => ",",
            other => return Err(CalculatorError::Unexpected(format!("character '{other}'"))),
        };
        self.rest = &self.rest[first.len_utf8()..];
        Ok(Token::Symbol(symbol))
    }

    /// Digits with an optional fraction and exponent; `_` may group digits.
    fn number(&mut self) -> Result<Token<'a>, CalculatorError> {
        let start = self.rest;
        self.take_while(|c| c.is_ascii_digit() || c == '.' || c == '_');
        let after =
            self.rest.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
        if let Some(digits) = after.filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit())) {
            self.rest = digits;
            self.take_while(|c| c.is_ascii_digit());
        }
        let text = &start[..start.len() - self.rest.len()];
        let plain = text.replace('_', "");
        let value = if plain.contains(['e', 'E']) { Decimal::from_scientific(&plain) } else { plain.parse() };
        value.map(Token::Number).map_err(|_| CalculatorError::BadNumber(text.to_owned()))
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !keep(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}
