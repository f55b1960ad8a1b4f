//! The calculator tool: exact decimal arithmetic over a small grammar. A model's text is never evaluated as code.
//!
//! ```text
//! sum     = product (("+" | "-") product)*
//! product = unary (("*" | "/" | "%") unary)*
//! unary   = ("-" | "+") unary | power
//! power   = atom (("^" | "**") unary)?          whole exponents only
//! atom    = number | "(" sum ")" | name "(" sum ("," sum)* ")"
//! name    = "abs" | "min" | "max" | "round"     round(value, decimals)
//! ```

use rust_decimal::{Decimal, RoundingStrategy};

use super::lexer::{Lexer, Token};

pub const LONGEST_EXPRESSION_BYTES: usize = 2_000;
const DEEPEST: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalculatorError {
    #[error("the expression is longer than {LONGEST_EXPRESSION_BYTES} characters")]
    TooLong,
    #[error("the expression is nested too deeply")]
    TooDeep,
    #[error("'{0}' is not a number the calculator can read")]
    BadNumber(String),
    #[error("unexpected {0}")]
    Unexpected(String),
    #[error("there is no function '{0}'; there are abs, min, max and round")]
    UnknownFunction(String),
    #[error("{0} takes another number of values")]
    WrongCount(String),
    #[error("division by zero")]
    DivisionByZero,
    #[error("an exponent must be a whole number from -1000 to 1000")]
    BadExponent,
    #[error("the result does not fit (28 digits at most)")]
    Overflow,
}

/// The value of an arithmetic expression, without trailing zeros.
pub fn evaluate(expression: &str) -> Result<Decimal, CalculatorError> {
    if expression.len() > LONGEST_EXPRESSION_BYTES {
        return Err(CalculatorError::TooLong);
    }
    let mut parser = Parser { lexer: Lexer::new(expression), next: Token::End, depth: 0 };
    parser.advance()?;
    let value = parser.sum()?;
    match parser.next {
        Token::End => Ok(value.normalize()),
        other => Err(CalculatorError::Unexpected(other.to_string())),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    next: Token<'a>,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn advance(&mut self) -> Result<Token<'a>, CalculatorError> {
        let following = self.lexer.token()?;
        Ok(std::mem::replace(&mut self.next, following))
    }

    fn sum(&mut self) -> Result<Decimal, CalculatorError> {
        let mut value = self.product()?;
        loop {
            let operation = match self.next {
                Token::Symbol("+") => Decimal::checked_add,
                Token::Symbol("-") => Decimal::checked_sub,
                _ => return Ok(value),
            };
            self.advance()?;
            value = operation(value, self.product()?).ok_or(CalculatorError::Overflow)?;
        }
    }

    fn product(&mut self) -> Result<Decimal, CalculatorError> {
        let mut value = self.unary()?;
        loop {
            let Token::Symbol(symbol @ ("*" | "/" | "%")) = self.next else { return Ok(value) };
            self.advance()?;
            let right = self.unary()?;
            value = match symbol {
                "*" => value.checked_mul(right),
                _ if right.is_zero() => return Err(CalculatorError::DivisionByZero),
                "/" => value.checked_div(right),
                _ => value.checked_rem(right),
            }
            .ok_or(CalculatorError::Overflow)?;
        }
    }

    /// Every nesting passes through here, so here the depth is counted.
    fn unary(&mut self) -> Result<Decimal, CalculatorError> {
        if self.depth == DEEPEST {
            return Err(CalculatorError::TooDeep);
        }
        self.depth += 1;
        let value = match self.next {
            Token::Symbol("-") => {
                self.advance()?;
                self.unary().map(|value| -value)
            }
            Token::Symbol("+") => {
                self.advance()?;
                self.unary()
            }
            _ => self.power(),
        };
        self.depth -= 1;
        value
    }

    fn power(&mut self) -> Result<Decimal, CalculatorError> {
        let base = self.atom()?;
        if self.next != Token::Symbol("^") {
            return Ok(base);
        }
        self.advance()?;
        let exponent = self.unary()?;
        raise(base, exponent)
    }

    fn atom(&mut self) -> Result<Decimal, CalculatorError> {
        match self.advance()? {
            Token::Number(value) => Ok(value),
            Token::Symbol("(") => {
                let value = self.sum()?;
                self.close()?;
                Ok(value)
            }
            Token::Name(name) => {
                let values = self.values()?;
                call(name, &values)
            }
            other => Err(CalculatorError::Unexpected(other.to_string())),
        }
    }

    fn values(&mut self) -> Result<Vec<Decimal>, CalculatorError> {
        match self.advance()? {
            Token::Symbol("(") => {}
            other => return Err(CalculatorError::Unexpected(other.to_string())),
        }
        let mut values = vec![self.sum()?];
        while self.next == Token::Symbol(",") {
            self.advance()?;
            values.push(self.sum()?);
        }
        self.close()?;
        Ok(values)
    }

    fn close(&mut self) -> Result<(), CalculatorError> {
        match self.advance()? {
            Token::Symbol(")") => Ok(()),
            other => Err(CalculatorError::Unexpected(other.to_string())),
        }
    }
}

fn call(name: &str, values: &[Decimal]) -> Result<Decimal, CalculatorError> {
    match (name, values) {
        ("abs", [value]) => Ok(value.abs()),
        ("min", [first, rest @ ..]) => Ok(rest.iter().fold(*first, |least, value| least.min(*value))),
        ("max", [first, rest @ ..]) => Ok(rest.iter().fold(*first, |most, value| most.max(*value))),
        ("round", [value]) => Ok(round(*value, 0)),
        ("round", [value, decimals]) => {
            let decimals =
                u32::try_from(*decimals).map_err(|_| CalculatorError::WrongCount("round".to_owned()))?;
            Ok(round(*value, decimals.min(28)))
        }
        ("abs" | "round", _) => Err(CalculatorError::WrongCount(name.to_owned())),
        _ => Err(CalculatorError::UnknownFunction(name.to_owned())),
    }
}

fn round(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

fn raise(base: Decimal, exponent: Decimal) -> Result<Decimal, CalculatorError> {
    let whole = i32::try_from(exponent.normalize())
        .ok()
        .filter(|whole| exponent.fract().is_zero() && whole.abs() <= 1000);
    let whole = whole.ok_or(CalculatorError::BadExponent)?;
    let mut power = Decimal::ONE;
    for _ in 0..whole.unsigned_abs() {
        power = power.checked_mul(base).ok_or(CalculatorError::Overflow)?;
    }
    if whole >= 0 {
        return Ok(power);
    }
    if power.is_zero() {
        return Err(if base.is_zero() { CalculatorError::DivisionByZero } else { CalculatorError::Overflow });
    }
    Decimal::ONE.checked_div(power).ok_or(CalculatorError::Overflow)
}
