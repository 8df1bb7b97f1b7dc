//! The customer's tables: overrides from Concur's codes to Acumatica's, and the cards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value};

use super::filters::null;

/// The tables of codes a template can look into, by name.
pub const TABLE_NAMES: [&str; 6] = [
    "accounts",
    "employees",
    "branches",
    "locations",
    "vendors",
    "subaccounts",
];

/// What a card party is posted to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// Vendor for bills to the card company.
    pub vendor: Option<String>,
    /// Clearing account for journals.
    pub account: Option<String>,
}

/// The tables of a connection.
#[derive(Debug, Clone)]
pub struct Tables {
    cards: BTreeMap<String, Card>,
    branches: BTreeSet<String>,
    names: Value,
}

impl Tables {
    /// Tables of codes by name (missing ones are empty), and cards by `PARTY`, `PARTY/pat` or `PARTY/pat/program`.
    #[must_use]
    pub fn new(
        mut codes: BTreeMap<String, BTreeMap<String, String>>,
        cards: BTreeMap<String, Card>,
    ) -> Self {
        let branches = codes.get("branches").into_iter().flat_map(BTreeMap::values);
        let branches = branches.cloned().collect();
        let codes = TABLE_NAMES
            .into_iter()
            .map(|name| {
                (
                    name,
                    Value::from_object(Codes(codes.remove(name).unwrap_or_default())),
                )
            })
            .collect();
        Self {
            cards,
            branches,
            names: Value::from_object(Every(codes)),
        }
    }

    /// The card an entry is owed to: the most exact key wins.
    #[must_use]
    pub fn card(
        &self,
        party: &str,
        payment_type: Option<&str>,
        program: Option<&str>,
    ) -> Option<&Card> {
        let exact = payment_type
            .zip(program)
            .and_then(|(pat, program)| self.cards.get(&format!("{party}/{pat}/{program}")));
        exact
            .or_else(|| payment_type.and_then(|pat| self.cards.get(&format!("{party}/{pat}"))))
            .or_else(|| self.cards.get(party))
    }

    /// Acumatica's branches that the table `branches` leads to.
    #[must_use]
    pub fn branches(&self) -> &BTreeSet<String> {
        &self.branches
    }

    /// What templates know as `tables`.
    pub(super) fn names(&self) -> &Value {
        &self.names
    }
}

impl Default for Tables {
    fn default() -> Self {
        Self::new(BTreeMap::new(), BTreeMap::new())
    }
}

/// The tables by name; another name is undefined.
#[derive(Debug)]
struct Every(Vec<(&'static str, Value)>);

impl Object for Every {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        self.0
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, table)| table.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// One table. A code it does not have is null, not undefined: tables are overrides, an absent entry is no mistake.
#[derive(Debug)]
struct Codes(BTreeMap<String, String>);

impl Object for Codes {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let found = match key.as_str() {
            Some(code) => self.0.get(code.trim()),
            None if key.is_number() => self.0.get(&key.to_string()),
            None => None,
        };
        Some(found.map_or_else(null, |code| Value::from(code.as_str())))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}
