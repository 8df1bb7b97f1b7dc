//! One template of a connection: compiled once, evaluated for every line, strict about names it does not know.
//!
//! `default` and `first` are ours: they act on null, blank and missing. Null prints as nothing. Lists count from 1, because
//! Concur's fields do (see [`super::names`]).

use std::fmt;
use std::sync::{Arc, LazyLock};

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use super::code::{Rewritten, constant_paths, with_own_slices};
use super::config::ByKind;
use super::fault::{Fault, TemplatePlace};
use super::filters;
use super::names::{Names, table};
use super::shape;
use crate::DocumentKind;
use crate::reason::{Code, Reason};

/// Work one evaluation may do, in the engine's instructions (64 bytes of data count as one): a template has some dozens.
const FUEL: u64 = 20_000;

/// Longest excerpt of a template that is refused before it is compiled, in characters.
const EXCERPT_CHARS_MAX: usize = 256;

/// Name under which each engine keeps its one template.
const NAME: &str = "template";

/// A compiled template; clones share it.
#[derive(Clone)]
pub struct Template(Arc<Compiled>);

struct Compiled {
    rule: String,
    source: String,
    body: Body,
}

enum Body {
    /// No braces: the text itself.
    Constant,
    /// Strict: a name that does not exist ends the evaluation.
    Engine(Box<Engine>),
    /// One for each kind of document.
    ByKind(ByKind<Template>),
}

struct Engine {
    environment: Environment<'static>,
    /// The template as the engine has it.
    rewritten: Rewritten,
}

/// Why a template gave no value; never carries a value of the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at column {column} of `{source_text}`")]
pub struct TemplateError {
    /// JSON path of the rule.
    pub rule: String,
    /// The template as written.
    pub source_text: String,
    /// What went wrong.
    pub message: String,
    /// Column in characters, from 1.
    pub column: usize,
    /// Whether other values could make it work.
    pub nature: Nature,
}

/// What a failure hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// On the template alone: a name, a filter or an argument that does not exist.
    Structure,
    /// On the values of the document, such as a date that is none.
    Values,
}

impl TemplateError {
    /// The reason a document waits for: `template_failed` at the rule.
    #[must_use]
    pub fn reason(&self) -> Reason {
        Reason::new(Code::TemplateFailed, self.to_string())
            .at(self.rule.as_str(), &self.source_text)
    }

    fn structure(rule: String, source_text: String, message: String, column: usize) -> Self {
        let nature = Nature::Structure;
        Self {
            rule,
            source_text,
            message,
            column,
            nature,
        }
    }
}

impl From<TemplateError> for Fault {
    fn from(error: TemplateError) -> Self {
        let mut fault = Fault::new(error.rule, error.message);
        fault.template = Some(TemplatePlace {
            source: error.source_text,
            column: error.column,
        });
        fault
    }
}

static STRICT: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(UndefinedBehavior::Strict, filters::Missing::Tolerated));
static CHAINED: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(UndefinedBehavior::Chainable, filters::Missing::Tolerated));
static PROVING: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(UndefinedBehavior::Strict, filters::Missing::Refused));

fn environment(behaviour: UndefinedBehavior, missing: filters::Missing) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(behaviour);
    environment.set_fuel(Some(FUEL));
    // Errors then name what is undefined and where.
    environment.set_debug(true);
    filters::install(&mut environment, missing);
    environment
}

impl Template {
    /// Compiles the template of a rule.
    ///
    /// # Errors
    /// [`TemplateError`] when the text is no template, with the column.
    pub fn compile(
        rule: impl Into<String>,
        source: impl Into<String>,
    ) -> Result<Self, TemplateError> {
        let (rule, source) = (rule.into(), source.into());
        if let Some((at, message)) = shape::fault(&source) {
            let column = column(&source, at);
            let source_text = source.chars().take(EXCERPT_CHARS_MAX).collect();
            return Err(TemplateError::structure(rule, source_text, message, column));
        }
        if !source.contains('{') {
            return Ok(Self::constant(rule, &source));
        }
        let mut environment = STRICT.clone();
        let rewritten = with_own_slices(&source);
        if let Err(error) = environment.add_template_owned(NAME, rewritten.source.clone()) {
            return Err(describe(&rule, &source, &rewritten, &error));
        }
        let body = Body::Engine(Box::new(Engine {
            environment,
            rewritten,
        }));
        Ok(Self(Arc::new(Compiled { rule, source, body })))
    }

    /// A template that is a text.
    pub(super) fn constant(rule: impl Into<String>, text: &str) -> Self {
        Self(Arc::new(Compiled {
            rule: rule.into(),
            source: text.to_owned(),
            body: Body::Constant,
        }))
    }

    /// One template that evaluates the one of the document's kind.
    pub(super) fn by_kind(templates: ByKind<Self>) -> Self {
        let first = templates.expense.clone();
        if DocumentKind::ALL
            .iter()
            .all(|kind| *templates.of(*kind) == first)
        {
            return first;
        }
        let (rule, source) = (first.rule().to_owned(), first.source().to_owned());
        Self(Arc::new(Compiled {
            rule,
            source,
            body: Body::ByKind(templates),
        }))
    }

    /// The one used in documents of a kind.
    pub(crate) fn of_kind(&self, kind: DocumentKind) -> &Self {
        match &self.0.body {
            Body::ByKind(templates) => templates.of(kind).of_kind(kind),
            Body::Constant | Body::Engine(_) => self,
        }
    }

    /// JSON path of the rule it belongs to.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.0.rule
    }

    /// The template as written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Evaluates a template that gives a code: trimmed, and `None` when it, or any value printed in it, is null or blank
    /// (half a code is no code; `default` fills the gap where one is wanted).
    ///
    /// # Errors
    /// [`TemplateError`] for a name that does not exist or an operation that fails.
    pub fn evaluate(&self, names: &Names) -> Result<Option<String>, TemplateError> {
        let mut printed = self.render(names)?;
        if printed.contains(filters::NOTHING) {
            return Ok(None);
        }
        printed.truncate(printed.trim_end().len());
        let blanks = printed.len() - printed.trim_start().len();
        printed.drain(..blanks);
        Ok((!printed.is_empty()).then_some(printed))
    }

    /// Evaluates a template that gives a text: null prints as nothing, runs of white space collapse to one blank, the ends
    /// are trimmed. May be empty.
    ///
    /// # Errors
    /// As [`Template::evaluate`].
    pub fn text(&self, names: &Names) -> Result<String, TemplateError> {
        let printed = self.render(names)?;
        let mut text = String::with_capacity(printed.len());
        for word in printed.split(|c: char| c.is_whitespace() || c == filters::NOTHING) {
            if word.is_empty() {
                continue;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        Ok(text)
    }

    /// Evaluates as strictly as can be: a missing name is an error even under `default` and `first`, which would hide a
    /// misspelling for ever.
    ///
    /// # Errors
    /// [`TemplateError`] naming what is missing.
    pub fn prove(&self, names: &Names) -> Result<(), TemplateError> {
        match &self.0.body {
            Body::Constant => Ok(()),
            Body::ByKind(templates) => templates.of(names.kind()).prove(names),
            Body::Engine(engine) => {
                self.render_in(&PROVING, engine, names)?;
                self.prove_subscripts(names)
            }
        }
    }

    /// That what is named with a constant subscript exists, in a branch that is not taken, too.
    fn prove_subscripts(&self, names: &Names) -> Result<(), TemplateError> {
        for (at, path) in constant_paths(self.source()) {
            let root = path.split(['.', '[']).next().unwrap_or(path);
            let is_root = |name: &str| name.split('.').next() == Some(root);
            if !table().iter().any(|name| is_root(name.dotted())) {
                continue;
            }
            let probe = Self::compile(self.rule(), format!("{{{{ 1 if first({path}) else 2 }}}}"))?;
            if let Body::Engine(engine) = &probe.0.body
                && let Err(error) = probe.render_in(&PROVING, engine, names)
            {
                let (rule, source) = (self.rule().to_owned(), self.source().to_owned());
                let column = column(&source, at);
                let message = format!("no such field: {path} ({})", error.message);
                return Err(TemplateError::structure(rule, source, message, column));
            }
        }
        Ok(())
    }

    /// The dotted names the template uses, without subscripts.
    pub(super) fn names(&self) -> Vec<String> {
        let Body::Engine(engine) = &self.0.body else {
            return Vec::new();
        };
        let mut names: Vec<String> = engine
            .environment
            .get_template(NAME)
            .map(|template| template.undeclared_variables(true).into_iter().collect())
            .unwrap_or_default();
        names.sort();
        names
    }

    /// An error of this template at the first place where the word stands.
    pub(super) fn error_at(&self, word: &str, message: String) -> TemplateError {
        let source = self.source();
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let whole = |(at, found): &(usize, &str)| {
            !source
                .get(at + found.len()..)
                .is_some_and(|rest| rest.starts_with(goes_on))
        };
        let found = source.match_indices(word).find(whole);
        let column = found.map_or(1, |(at, _)| column(source, at));
        TemplateError::structure(self.rule().to_owned(), source.to_owned(), message, column)
    }

    fn render(&self, names: &Names) -> Result<String, TemplateError> {
        let engine = match &self.0.body {
            Body::Constant => return Ok(self.0.source.clone()),
            Body::ByKind(templates) => return templates.of(names.kind()).render(names),
            Body::Engine(engine) => engine,
        };
        let describe =
            |error: &Error| describe(self.rule(), self.source(), &engine.rewritten, error);
        let rendered = engine
            .environment
            .get_template(NAME)
            .and_then(|template| template.render(names.context()));
        match rendered {
            Ok(printed) => Ok(printed),
            // `a.missing.b | default('x')`: strictness ends at the second dot, before `default` is asked.
            Err(error) if error.kind() == ErrorKind::UndefinedError && self.asks_for_missing() => {
                self.render_in(&CHAINED, engine, names)
                    .map_err(|_| describe(&error))
            }
            Err(error) => Err(describe(&error)),
        }
    }

    fn asks_for_missing(&self) -> bool {
        self.0.source.contains("default") || self.0.source.contains("first")
    }

    fn render_in(
        &self,
        environment: &Environment<'static>,
        engine: &Engine,
        names: &Names,
    ) -> Result<String, TemplateError> {
        let mut environment = environment.clone();
        environment
            .add_template_owned(NAME, engine.rewritten.source.clone())
            .and_then(|()| environment.get_template(NAME)?.render(names.context()))
            .map_err(|error| describe(self.rule(), self.source(), &engine.rewritten, &error))
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({}: {})", self.0.rule, self.0.source)
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.0.rule == other.0.rule && self.0.source == other.0.source
    }
}

fn describe(rule: &str, source: &str, rewritten: &Rewritten, error: &Error) -> TemplateError {
    let message = match (error.kind(), error.detail()) {
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    TemplateError {
        rule: rule.to_owned(),
        source_text: source.to_owned(),
        message,
        column: error
            .range()
            .map_or(1, |range| column(source, rewritten.original(range.start))),
        nature: match error.kind() {
            ErrorKind::SyntaxError
            | ErrorKind::UndefinedError
            | ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
            | ErrorKind::TooManyArguments
            | ErrorKind::MissingArgument => Nature::Structure,
            _ => Nature::Values,
        },
    }
}

fn column(source: &str, byte: usize) -> usize {
    source
        .char_indices()
        .take_while(|(at, _)| *at < byte)
        .count()
        + 1
}
