//! `$filter` as contract 4 understands it: the subset of OData 3 that works, and its traps.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use super::contract::{Entity, Kind};
use super::record::{Fields, Record, moment};
use crate::amounts::{decimal, read};

/// Deepest nesting of parentheses and `not`.
const DEPTH_MAX: usize = 50;

/// Why a filter gives no rows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server answers 500 with this text.
    Broken(String),
    /// The server answers `200 []`, although rows may match.
    Silent,
}

fn broken<T>(text: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Broken(text.into()))
}

/// The records a filter lets through.
pub(super) fn matching<'a>(
    entity: &Entity,
    filter: Option<&str>,
    records: &'a [Record],
) -> Result<Vec<&'a Record>, Fault> {
    let Some(text) = filter.filter(|text| !text.trim().is_empty()) else {
        return Ok(records.iter().collect());
    };
    let tokens = tokens(text)?;
    let mut parser = Parser {
        entity,
        tokens: &tokens,
        depth: 0,
    };
    let expression = parser.either()?;
    if let Some(token) = parser.tokens.first() {
        return broken(format!("Syntax error at '{token:?}' in the filter"));
    }
    let mut found = Vec::new();
    for record in records {
        if expression.holds(record)? {
            found.push(record);
        }
    }
    Ok(found)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(Decimal),
    Moment(Timestamp),
    Open,
    Close,
    Comma,
    Equals,
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let single = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            ',' => Some(Token::Comma),
            '=' => Some(Token::Equals),
            _ => None,
        };
        if let Some(token) = single {
            tokens.push(token);
            rest = rest.get(1..).unwrap_or_default();
        } else if first.is_whitespace() {
            rest = rest.trim_start();
        } else if first == '\'' {
            let (token, after) = quoted(rest)?;
            tokens.push(Token::Text(token));
            rest = after;
        } else {
            let end = rest
                .find(|c: char| c.is_whitespace() || "(),='".contains(c))
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            rest = after;
            if matches!(word, "datetimeoffset" | "datetime" | "date") && rest.starts_with('\'') {
                let (literal, after) = quoted(rest)?;
                let Some(moment) = moment(&literal) else {
                    return broken(format!("'{literal}' is no date"));
                };
                tokens.push(Token::Moment(moment));
                rest = after;
            } else {
                let digits = word.strip_suffix(['M', 'm']).unwrap_or(word);
                tokens
                    .push(read(digits).map_or_else(|| Token::Name(word.to_owned()), Token::Number));
            }
        }
    }
    Ok(tokens)
}

/// A text in single quotes, a doubled quote being one; and what follows it.
fn quoted(text: &str) -> Result<(String, &str), Fault> {
    let mut value = String::new();
    let mut rest = text.strip_prefix('\'').unwrap_or(text);
    loop {
        let Some((before, after)) = rest.split_once('\'') else {
            return broken("Unterminated string literal in the filter");
        };
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Ok((value, after)),
        }
    }
}

#[derive(Clone, Debug)]
enum Operand {
    Field(String, Kind),
    Custom(String),
    Literal(Cell),
}

/// A value to compare.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Cell {
    Null,
    Text(String),
    Number(Decimal),
    Flag(bool),
    Moment(Timestamp),
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Anywhere,
    Start,
    End,
}

#[derive(Debug)]
enum Expression {
    Both(Box<Expression>, Box<Expression>),
    Either(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Compare(Operand, String, Operand),
    Contains(Part, Operand, Operand),
    Truth(Operand),
    Silent,
}

struct Parser<'a> {
    entity: &'a Entity,
    tokens: &'a [Token],
    depth: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = matches!(self.tokens.first(), Some(Token::Name(name)) if name == word);
        if is_next {
            self.next();
        }
        is_next
    }

    fn expects(&mut self, token: &Token) -> Result<(), Fault> {
        match self.next() {
            Some(next) if next == *token => Ok(()),
            other => broken(format!(
                "Expected {token:?} but found {other:?} in the filter"
            )),
        }
    }

    fn either(&mut self) -> Result<Expression, Fault> {
        let mut left = self.both()?;
        while self.takes("or") {
            left = Expression::Either(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Expression, Fault> {
        let mut left = self.single()?;
        while self.takes("and") {
            left = Expression::Both(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Expression, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return broken("The filter is nested too deeply");
        }
        let expression = self.unguarded_single();
        self.depth -= 1;
        expression
    }

    fn unguarded_single(&mut self) -> Result<Expression, Fault> {
        if self.takes("not") {
            return Ok(Expression::Not(Box::new(self.single()?)));
        }
        if self.tokens.first() == Some(&Token::Open) {
            self.next();
            let inner = self.either()?;
            self.expects(&Token::Close)?;
            return Ok(inner);
        }
        if let [Token::Name(name), Token::Open, ..] = self.tokens
            && let Some(part) = part_of(name)
        {
            return self.function(part);
        }
        let left = self.operand()?;
        match self.tokens.first() {
            Some(Token::Name(word))
                if matches!(word.as_str(), "eq" | "ne" | "gt" | "ge" | "lt" | "le") =>
            {
                let operator = word.clone();
                self.next();
                Ok(Expression::Compare(left, operator, self.operand()?))
            }
            _ => Ok(Expression::Truth(left)),
        }
    }

    fn function(&mut self, part: Part) -> Result<Expression, Fault> {
        self.next();
        self.expects(&Token::Open)?;
        let first = self.operand()?;
        self.expects(&Token::Comma)?;
        let second = self.operand()?;
        self.expects(&Token::Close)?;
        if self.takes("eq") {
            // `startswith(…) eq true` is understood by nobody and refused by nobody.
            self.operand()?;
            return Ok(Expression::Silent);
        }
        let (field, needle) = if matches!(part, Part::Anywhere) {
            (second, first)
        } else {
            (first, second)
        };
        Ok(Expression::Contains(part, field, needle))
    }

    fn operand(&mut self) -> Result<Operand, Fault> {
        match self.next() {
            Some(Token::Text(text)) => Ok(Operand::Literal(Cell::Text(text))),
            Some(Token::Number(number)) => Ok(Operand::Literal(Cell::Number(number))),
            Some(Token::Moment(moment)) => Ok(Operand::Literal(Cell::Moment(moment))),
            Some(Token::Name(name)) => self.named(&name),
            other => broken(format!("Unexpected {other:?} in the filter")),
        }
    }

    fn named(&mut self, name: &str) -> Result<Operand, Fault> {
        match name {
            "null" => return Ok(Operand::Literal(Cell::Null)),
            "true" | "false" => return Ok(Operand::Literal(Cell::Flag(name == "true"))),
            "cf.String" | "cf.Decimal" | "cf.DateTime" => return self.custom(),
            _ => {}
        }
        if self.tokens.first() == Some(&Token::Open) {
            return broken(format!("An unknown function with name '{name}' was found"));
        }
        let before_slash = name.split('/').next().unwrap_or(name);
        if self.entity.list(before_slash).is_some() {
            return Err(Fault::Silent);
        }
        match self.entity.field(name) {
            Some(field) => Ok(Operand::Field(name.to_owned(), field.kind)),
            None => broken(format!(
                "Could not find a property named '{name}' on type '{}'",
                self.entity.name
            )),
        }
    }

    fn custom(&mut self) -> Result<Operand, Fault> {
        self.expects(&Token::Open)?;
        self.expects(&Token::Name("f".to_owned()))?;
        self.expects(&Token::Equals)?;
        let Some(Token::Text(path)) = self.next() else {
            return broken("A custom field needs f='View.Field'");
        };
        self.expects(&Token::Close)?;
        Ok(Operand::Custom(path))
    }
}

fn part_of(name: &str) -> Option<Part> {
    match name {
        "substringof" => Some(Part::Anywhere),
        "startswith" => Some(Part::Start),
        "endswith" => Some(Part::End),
        _ => None,
    }
}

impl Operand {
    fn cell(&self, record: &Record) -> Cell {
        match self {
            Self::Literal(cell) => cell.clone(),
            Self::Custom(path) => record
                .custom
                .get(path)
                .map_or(Cell::Null, |value| cell_of(value, Kind::Text(0))),
            Self::Field(name, kind) => record
                .fields()
                .get(name)
                .map_or(Cell::Null, |value| cell_of(value, *kind)),
        }
    }
}

fn cell_of(value: &Value, kind: Kind) -> Cell {
    match (value, kind) {
        (Value::String(text), Kind::Instant) => moment(text).map_or(Cell::Null, Cell::Moment),
        (Value::String(text), _) => Cell::Text(text.trim_end().to_owned()),
        (Value::Bool(flag), _) => Cell::Flag(*flag),
        (Value::Number(_), _) => decimal(value).map_or(Cell::Null, Cell::Number),
        _ => Cell::Null,
    }
}

impl Expression {
    fn holds(&self, record: &Record) -> Result<bool, Fault> {
        match self {
            Self::Silent => Err(Fault::Silent),
            // Both sides are looked at, as a compiler of filters does: an error on one side shows.
            Self::Both(left, right) => Ok(left.holds(record)? & right.holds(record)?),
            Self::Either(left, right) => Ok(left.holds(record)? | right.holds(record)?),
            Self::Not(inner) => Ok(!inner.holds(record)?),
            Self::Truth(operand) => match operand.cell(record) {
                Cell::Flag(flag) => Ok(flag),
                _ => broken("The filter is not a condition"),
            },
            Self::Contains(part, field, needle) => {
                match (field.cell(record), needle.cell(record)) {
                    (Cell::Text(text), Cell::Text(needle)) => Ok(match part {
                        Part::Anywhere => text.contains(&needle),
                        Part::Start => text.starts_with(&needle),
                        Part::End => text.ends_with(&needle),
                    }),
                    (Cell::Null, Cell::Text(_)) => Ok(false),
                    _ => broken("The function takes texts"),
                }
            }
            Self::Compare(left, operator, right) => {
                compare(&left.cell(record), operator, &right.cell(record))
            }
        }
    }
}

fn compare(left: &Cell, operator: &str, right: &Cell) -> Result<bool, Fault> {
    let comparable = *left == Cell::Null
        || *right == Cell::Null
        || std::mem::discriminant(left) == std::mem::discriminant(right);
    if !comparable {
        return broken(format!(
            "A binary operator with incompatible types was detected: {operator}"
        ));
    }
    let is_null = *left == Cell::Null || *right == Cell::Null;
    Ok(match operator {
        "eq" => left == right,
        "ne" => left != right,
        // Null is neither before nor after anything.
        _ if is_null => false,
        "gt" => left > right,
        "ge" => left >= right,
        "lt" => left < right,
        _ => left <= right,
    })
}
