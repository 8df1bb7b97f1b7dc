//! What the typed records have in common.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::custom::Custom;
use crate::value;
use crate::version::EndpointVersion;

/// A kind of record that can be listed. Its members are named as in the contract, so the names to select are taken from the type.
pub trait Entity: Default + Serialize + DeserializeOwned {
    /// The name in the address, e.g. `Bill`.
    const NAME: &'static str;

    /// An empty record with one empty row in each of its detail lists, and every linked record.
    #[must_use]
    fn outline() -> Self {
        Self::default()
    }
}

/// A record of reference data with a key of its own, by which it is read alone and whole lists of it page by page.
pub trait Keyed: Entity {
    /// The key fields, in the order of the address.
    const KEYS: &'static [&'static str];

    /// Their values in that order; empty where the server gave none.
    fn key(&self) -> Vec<&str>;
}

/// A document that can be created: the server numbers it.
pub trait Document: Entity {
    /// The id and number the server gave it. A new document has neither: with one of them a PUT would change an
    /// existing record.
    fn identity(&self) -> (Option<&str>, Option<&str>);

    /// Fields outside the contract, of the header.
    fn custom(&self) -> &Custom;

    /// Those of the rows, with the name of their list.
    fn row_custom(&self) -> Vec<(&'static str, &Custom)>;

    /// The JSON that is sent.
    ///
    /// # Errors
    /// None for the types of this crate; serde's signature allows for one.
    fn to_body(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self).map(value::wrap)
    }
}

/// The names of an entity, as `$select` and `$expand` want them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// Fields of the record itself.
    pub(crate) fields: Vec<String>,
    /// Detail lists and linked records.
    pub(crate) lists: Vec<String>,
    /// Fields of those, as `List/Field`.
    pub(crate) detail_fields: Vec<String>,
}

/// The names that this version's contract has.
pub(crate) fn names<E: Entity>(version: EndpointVersion) -> Names {
    let mut names = Names::default();
    let Ok(Value::Object(members)) = serde_json::to_value(E::outline()) else {
        return names;
    };
    for (name, value) in members {
        if !is_contract_name(&name) || version.lacks(E::NAME, &name) {
            continue;
        }
        match value {
            Value::Array(rows) => {
                let row = rows.first().and_then(Value::as_object);
                names.add_list(name, row);
            }
            Value::Object(linked) => names.add_list(name, Some(&linked)),
            _ => names.fields.push(name),
        }
    }
    names
}

impl Names {
    fn add_list(&mut self, name: String, members: Option<&Map<String, Value>>) {
        let fields = members
            .into_iter()
            .flat_map(Map::keys)
            .filter(|field| is_contract_name(field));
        self.detail_fields
            .extend(fields.map(|field| format!("{name}/{field}")));
        self.lists.push(name);
    }
}

/// Control members (`id`, `custom`) are lower case; members of a contract are not.
fn is_contract_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Fields outside the contract that a document sets, as `$custom` wants them, so that they can be asked back.
pub(crate) fn custom_of<D: Document>(document: &D) -> BTreeSet<String> {
    let header = document
        .custom()
        .fields()
        .map(|field| field.to_string())
        .collect::<Vec<_>>();
    let rows = document
        .row_custom()
        .into_iter()
        .flat_map(|(list, custom)| custom.fields().map(move |field| format!("{list}/{field}")));
    header.into_iter().chain(rows).collect()
}
