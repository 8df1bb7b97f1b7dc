//! Everything the tenant holds, and its numbering sequences.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::contract::Entity;
use super::record::{Fields, OFFSET, Record, Row, ZONE};
use super::seed::Seed;
use crate::documents::Random;
use crate::twins::clock::Clock;

/// Digits of a document number.
const NUMBER_DIGITS: usize = 6;

/// Seed of the record ids.
const ID_SEED: u64 = 0xac;

/// The records of every entity, in the order they were made.
#[derive(Debug)]
pub(super) struct Books {
    tables: BTreeMap<&'static str, Vec<Record>>,
    last_numbers: BTreeMap<String, u64>,
    random: Random,
    clock: Clock,
}

impl Books {
    pub(super) fn new(seed: &Seed, clock: Clock) -> Self {
        let mut books = Self {
            tables: BTreeMap::new(),
            last_numbers: BTreeMap::new(),
            random: Random::new(ID_SEED),
            clock,
        };
        books.plant("Ledger", &seed.ledger());
        for (entity, row) in seed.rows() {
            books.plant(entity, row);
        }
        books
    }

    /// Adds a record of reference data as it is.
    pub(super) fn plant(&mut self, entity: &str, plain: &Value) {
        let (Some(entity), Some(members)) = (Entity::find(entity), plain.as_object()) else {
            return;
        };
        let mut record = Record {
            id: self.new_id(),
            ..Record::default()
        };
        for (name, value) in members {
            match value {
                Value::Array(rows) => {
                    let rows = rows.iter().map(|row| self.planted_row(row)).collect();
                    record.lists.insert(name.clone(), rows);
                }
                Value::Object(_) => {
                    let linked = self.planted_row(value);
                    record.linked.insert(name.clone(), linked);
                }
                _ => record.set(name, value.clone()),
            }
        }
        if entity.field("LastModifiedDateTime").is_some() {
            record.default_to("LastModifiedDateTime", json!(self.now()));
        }
        self.tables.entry(entity.name).or_default().push(record);
    }

    fn planted_row(&mut self, plain: &Value) -> Row {
        Row {
            id: self.new_id(),
            fields: plain.as_object().cloned().unwrap_or_default(),
            ..Row::default()
        }
    }

    pub(super) fn clear(&mut self, entity: &str) {
        self.tables.remove(entity);
    }

    pub(super) fn records(&self, entity: &str) -> &[Record] {
        self.tables
            .get(entity)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The record whose first key is this one.
    pub(super) fn find(&self, entity: &str, key: &str) -> Option<&Record> {
        let name = Entity::find(entity)?.keys.first()?;
        self.records(entity)
            .iter()
            .find(|record| record.text(name) == key)
    }

    /// The task of a project.
    pub(super) fn task(&self, project: &str, task: &str) -> Option<&Record> {
        self.tasks(project)
            .find(|record| record.text("ProjectTaskID") == task)
    }

    /// The task that lines of a project get which name none.
    pub(super) fn default_task(&self, project: &str) -> Option<&Record> {
        self.tasks(project).find(|record| record.flag("Default"))
    }

    fn tasks(&self, project: &str) -> impl Iterator<Item = &Record> {
        self.records("ProjectTask")
            .iter()
            .filter(move |record| record.text("ProjectID") == project)
    }

    /// The branch of this id.
    pub(super) fn branch(&self, id: &str) -> Option<&Row> {
        self.records("Ledger")
            .iter()
            .flat_map(|ledger| ledger.rows("Branches"))
            .find(|row| row.text("BranchID") == id)
    }

    /// A field of a record as a person changes it on the screen.
    pub(super) fn edit(&mut self, entity: &str, at: usize, name: &str, value: Value) {
        let now = self.now();
        if let Some(record) = self
            .tables
            .get_mut(entity)
            .and_then(|table| table.get_mut(at))
        {
            record.set(name, value);
            record.set("LastModifiedDateTime", json!(now));
        }
    }

    /// The accountant closes a period.
    pub(super) fn close_period(&mut self, id: &str) {
        let years = self.tables.get_mut("FinancialPeriod");
        let periods = years
            .into_iter()
            .flatten()
            .filter_map(|year| year.lists.get_mut("Details"))
            .flatten();
        for period in periods.filter(|period| period.text("FinancialPeriodID") == id) {
            period.fields.insert("Status".to_owned(), json!("Closed"));
            period.fields.insert("ClosedInAP".to_owned(), json!(true));
        }
    }

    /// A field outside the contract, set by the system.
    pub(super) fn set_custom(&mut self, entity: &str, at: usize, path: &str, value: Value) {
        if let Some(record) = self
            .tables
            .get_mut(entity)
            .and_then(|table| table.get_mut(at))
        {
            record.custom.insert(path.to_owned(), value);
        }
    }

    /// The next number of a sequence.
    pub(super) fn next_number(&mut self, sequence: String) -> String {
        let last = self.last_numbers.entry(sequence).or_default();
        *last += 1;
        format!("{last:0NUMBER_DIGITS$}")
    }

    /// Stores a new or changed record; a new one gets its id and its number.
    pub(super) fn save(
        &mut self,
        entity: &'static Entity,
        target: Option<usize>,
        mut record: Record,
    ) -> Record {
        record.set("LastModifiedDateTime", json!(self.now()));
        let existing = target.and_then(|at| self.tables.get_mut(entity.name)?.get_mut(at));
        if let Some(existing) = existing {
            existing.clone_from(&record);
            return record;
        }
        record.id = self.new_id();
        if let [kind, number] = entity.keys {
            let sequence = format!("{} {}", entity.name, record.text(kind));
            let next = self.next_number(sequence);
            record.set(number, json!(next));
        }
        if entity.field("CreatedDateTime").is_some() {
            record.set("CreatedDateTime", json!(self.now()));
        }
        self.tables
            .entry(entity.name)
            .or_default()
            .push(record.clone());
        record
    }

    pub(super) fn remove(&mut self, entity: &Entity, at: usize) {
        if let Some(table) = self.tables.get_mut(entity.name)
            && at < table.len()
        {
            table.remove(at);
        }
    }

    /// Now, as the tenant writes it.
    fn now(&self) -> String {
        let now = ZONE.to_datetime(self.clock.now());
        format!("{}{OFFSET}", now.strftime("%Y-%m-%dT%H:%M:%S%.3f"))
    }

    /// A new GUID.
    pub(super) fn new_id(&mut self) -> String {
        let parts: Vec<String> = [8, 4, 4, 4, 12]
            .iter()
            .map(|digits| self.random.hex(*digits))
            .collect();
        parts.join("-")
    }
}
