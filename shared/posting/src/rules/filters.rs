//! What a template can do with a value: few filters, one function, no loops over ranges, nothing that reaches outside.

use std::borrow::Cow;
use std::fmt::Write as _;

use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use minijinja::value::{Object, ObjectRepr, Rest, Value};
use minijinja::{Environment, Error, ErrorKind, State};

/// Stands for null in what the engine printed, until the template decides what null means.
pub(super) const NOTHING: char = '\0';

/// Widest result of `pad`, in characters; longer than any Acumatica key.
const PAD_MAX: usize = 64;

/// What `default` and `first` do with a name that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// As with null.
    Tolerated,
    /// An error: used when a connection is proved.
    Refused,
}

/// The names of the filters, for the README.
pub const FILTERS: [&str; 7] = ["default", "trim", "upper", "lower", "pad", "date", "lookup"];

/// What a document does not deliver. Not the engine's own null, because `~` would turn that into the word `none` inside a
/// code; this one stays recognisable in whatever it is joined to.
#[derive(Debug)]
struct Null;

impl Object for Null {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_char(NOTHING)
    }
}

static NULL: LazyLock<Value> = LazyLock::new(|| Value::from_object(Null));

/// Null, as names and tables give it.
pub(super) fn null() -> Value {
    NULL.clone()
}

/// Whether a value is ours or the engine's null.
fn is_null(value: &Value) -> bool {
    value.is_none() || value.downcast_object_ref::<Null>().is_some()
}

/// Set once a default gave a blank: what is blank then is meant so, and prints as it is.
const BLANK_MEANT: &str = "blank meant";

/// Adds filters, function, tests and the printing of null.
pub(super) fn install(environment: &mut Environment<'static>, missing: Missing) {
    environment.set_formatter(|out, state, value| {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        let is_meant = || !is_null(value) && state.get_temp(BLANK_MEANT).is_some();
        if is_nothing(value) && !is_meant() {
            out.write_char(NOTHING)?;
        } else if value.as_object().is_some() {
            return Err(invalid(
                "a group of fields cannot be printed; name one of its fields",
            ));
        } else {
            write!(out, "{value}")?;
        }
        Ok(())
    });
    environment.add_filter(
        "default",
        move |state: &mut State<'_, '_>, value: &Value, other: Option<Value>| {
            known(value, missing)?;
            Ok::<_, Error>(if has_gap(value) {
                given(state, other)
            } else {
                value.clone()
            })
        },
    );
    environment.add_function("first", move |values: Rest<Value>| {
        for value in values.iter() {
            known(value, missing)?;
        }
        let found = values.iter().find(|value| !has_gap(value)).cloned();
        Ok::<_, Error>(found.unwrap_or_else(null))
    });
    environment.add_filter("trim", |value: &Value| {
        text(value, |text| Ok(text.trim().to_owned()))
    });
    environment.add_filter("upper", |value: &Value| {
        text(value, |text| Ok(text.to_uppercase()))
    });
    environment.add_filter("lower", |value: &Value| {
        text(value, |text| Ok(text.to_lowercase()))
    });
    environment.add_filter(
        "pad",
        |value: &Value, width: u32, fill: Option<Cow<'_, str>>| pad(value, width, fill.as_deref()),
    );
    environment.add_filter("date", |value: &Value, format: Option<Cow<'_, str>>| {
        date(value, format.as_deref())
    });
    environment.add_filter("lookup", lookup);
    environment.add_filter("slice", slice);
    environment.add_test("none", is_null);
    environment.add_test("blank", has_gap);
}

/// What stands in for nothing.
fn given(state: &mut State<'_, '_>, other: Option<Value>) -> Value {
    let other = other.unwrap_or_else(null);
    if is_nothing(&other) && !is_null(&other) {
        state.set_temp(BLANK_MEANT, Value::from(true));
    }
    other
}

/// Whether it is nothing, or was joined with `~` from parts of which one is null: half a code is no code.
fn has_gap(value: &Value) -> bool {
    is_nothing(value) || value.as_str().is_some_and(|text| text.contains(NOTHING))
}

/// Null, missing or white space only.
fn is_nothing(value: &Value) -> bool {
    let blank = |text: &str| {
        text.chars()
            .all(|character| character.is_whitespace() || character == NOTHING)
    };
    is_null(value) || value.is_undefined() || value.as_str().is_some_and(blank)
}

fn known(value: &Value, missing: Missing) -> Result<(), Error> {
    if missing == Missing::Refused && value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// Applies to the printed form; null stays null.
fn text(value: &Value, change: impl Fn(&str) -> Result<String, Error>) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if is_null(value) {
        return Ok(null());
    }
    if value.as_object().is_some() {
        return Err(invalid(
            "a group of fields is no text; name one of its fields",
        ));
    }
    match value.as_str() {
        Some(text) => change(text).map(Value::from),
        None => change(&value.to_string()).map(Value::from),
    }
}

/// `pad(6)` fills with zeros on the left, `pad(6, 'x')` with another character.
fn pad(value: &Value, width: u32, fill: Option<&str>) -> Result<Value, Error> {
    let width = usize::try_from(width).unwrap_or(usize::MAX);
    if width > PAD_MAX {
        return Err(invalid(format!("pad fills up to {PAD_MAX} characters")));
    }
    let fill = fill.unwrap_or("0");
    let mut characters = fill.chars();
    let (Some(fill), None) = (characters.next(), characters.next()) else {
        return Err(invalid("pad fills with exactly one character"));
    };
    text(value, |text| {
        let gap = width.saturating_sub(text.chars().count());
        Ok(std::iter::repeat_n(fill, gap).chain(text.chars()).collect())
    })
}

/// `date` gives YYYY-MM-DD of a date or instant as written, `date('%d.%m.%y')` another form (strftime).
fn date(value: &Value, format: Option<&str>) -> Result<Value, Error> {
    text(value, |text| {
        let day = text.trim();
        let day = day.get(..10).unwrap_or(day);
        let day: Date = day
            .parse()
            .map_err(|_| invalid("not a date as YYYY-MM-DD"))?;
        let format = format.unwrap_or("%Y-%m-%d");
        jiff::fmt::strtime::format(format, day).map_err(|error| invalid(error.to_string()))
    })
}

/// What `text[from:to:step]` is written as before the engine sees it; null stays null.
fn slice(
    value: &Value,
    from: Option<i64>,
    to: Option<i64>,
    step: Option<i64>,
) -> Result<Value, Error> {
    let step = step.unwrap_or(1);
    if step < 1 {
        return Err(invalid("a slice steps forward"));
    }
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    text(value, |text| {
        let length = text.chars().count();
        // What is negative counts from the end.
        let place = |at: i64| {
            let far = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
            if at < 0 {
                length.saturating_sub(far)
            } else {
                far.min(length)
            }
        };
        let (from, to) = (from.map_or(0, place), to.map_or(length, place));
        let taken = text.chars().skip(from).take(to.saturating_sub(from));
        Ok(taken.step_by(step).collect())
    })
}

/// `line.account | lookup(tables.accounts, 'other')`: the value in the table, else the other value, else null.
fn lookup(
    state: &mut State<'_, '_>,
    value: &Value,
    table: &Value,
    other: Option<Value>,
) -> Result<Value, Error> {
    if value.is_undefined() || table.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if table.as_object().is_none() {
        return Err(invalid("lookup wants one of the tables"));
    }
    let found = table.get_item(value)?;
    Ok(if is_nothing(&found) {
        given(state, other)
    } else {
        found
    })
}
